#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""results_md.py FOLDER EXPECTATIONS KERNEL COMMIT: prints docs/results/validate.md from the files that the rows of the suite validate left
in FOLDER. EXPECTATIONS is the table, which gives only the order of the faults."""
import json
import os
import sys

folder, table, kernel, commit = sys.argv[1:]

HEAD = """# What firmware does

`make validate` writes this file. It runs `sdei-nmi validate` on each firmware that the lab builds, and both `sdei-nmi validate` and the
driver under each fault of the firmware `tfa-faulty`. All checks that can run one after the other share one boot; each destructive check
has a boot of its own, so that each has a result. [validating.md](../validating.md) describes the checks and what their results mean,
`lab/firmware/faults.h` describes the faults, and `tests/validate/suite.sh` judges the results.
"""

FAULTS = """
## Faults

TF-A {version} of the lab, with one fault at a time. The column *checks* has the checks whose result differs from unmodified TF-A: they
fail, or with a `!` they do not fail: they pass, or they are skipped, because a check that they need fails. The destructive checks ran
under the faults that concern them. The columns *driver loaded under it* and *armed later* have the behaviour of the driver on four
CPUs, with CPU 1 wedged with interrupts masked and sysrq-l on CPU 0:

- serves: the report shows all CPUs, and CPU 1 where it spins
- names: the report shows all other CPUs, and names CPU 1 with the reason below
- refuses: the driver does not load, says why as below, and changes nothing
- loses: the driver does not load, and says why; the first CPU that got the event takes no interrupts any more, and goes offline
- dies: all CPUs that got the event take no interrupts any more
- in quotation marks: the fault damages the interrupted code, so the outcome depends on chance. The text is the outcome of one guest that
  ran a program on each CPU and requested backtraces ten times

In each guest that finished, sysrq-l took less than two seconds of its time, the log had nothing unexpected, and after the fault was
disarmed the report showed all CPUs, and all CPUs took interrupts.
"""

GRADES = {"relied": "relied", "conditional": "conditional", "spec": "spec"}
WORDS = {"pass": "pass", "FAIL": "**FAIL**", "lost": "**lost a CPU**", "down": "**machine down**", "skip": "skip"}


def lines(*path):
    try:
        with open(os.path.join(folder, *path), encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def data(row):
    """The data lines of a row, split after the first word, which is the kind of data."""
    return [line.split(" ", 1) for line in lines(row, "data") if " " in line]


def cell(text):
    return text.replace("|", "\\|").strip()


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def head(*cells):
    row(*cells)
    print("|" + "---|" * len(cells))


def report(firmware):
    text, on = [], False
    for line in lines(firmware, "run", "result"):
        if line == "# report ends":
            on = False
        if on:
            text.append(line[2:])
        if line == "# report begins":
            on = True
    return json.loads("\n".join(text))


def destructive(firmware, check):
    told = dict(data(f"{firmware}-{check['name']}"))
    result = told["result"]
    if result == "FAIL" and told["lost"] != "-":
        result = "lost"
    return result, told["came"]


def results(firmware):
    """For each check: its description, its result in the words of this page, and the value that came."""
    found = {}
    for check in report(firmware)["checks"]:
        result = {"fail": "FAIL"}.get(check["result"], check["result"])
        came = check["came"]
        if check["destructive"]:
            result, came = destructive(firmware, check)
        if result not in WORDS:
            sys.exit(f"{firmware}: {check['name']} has the result '{result}'")
        found[check["name"]] = check, result, came
    return found


def page_firmware():
    versions = [line.split() for line in lines("firmwares")]
    first = {}
    for name, version, build in versions:
        first.setdefault((version, build), name)
    same = [f"`{name}` is the same as `{first[version, build]}`" for name, version, build in versions if first[version, build] != name]
    names = list(first.values())
    checks = {name: results(name) for name in names}

    print(f"Linux {kernel} with the project's modules of commit {commit}, four CPUs, QEMU's `virt` with a GICv3. "
          + "; ".join(f"`{name}` is TF-A {version}, a {build} build" for (version, build), name in first.items())
          + (f"; {'; '.join(same)}, as no newer source can be fetched" if same else "") + ".\n")
    print("## Firmware\n")
    head("firmware", "checks", *(word.strip("*") for word in WORDS.values()))
    for name in names:
        got = [result for _, result, _ in checks[name].values()]
        row(f"`{name}`", str(len(got)), *(str(got.count(word)) for word in WORDS))

    print("\n### Deviations\n\nThe checks that did not pass, with the value that came. The driver relies on the checks marked *relied*. "
          "It relies on those marked *conditional* in another kind of boot, for example after kexec.\n")
    head("check", "firmware", "result", "what came", "expected", "what that means")
    every = list(dict.fromkeys(name for found in checks.values() for name in found))
    for name in every:
        seen = {}
        for firmware in names:
            if name in checks[firmware]:
                check, result, came = checks[firmware][name]
                if result != "pass":
                    seen.setdefault((result, came), []).append(f"`{firmware}`")
        for (result, came), who in seen.items():
            row(f"`{name}`" + (f" *{GRADES[check['grade']]}*" if check["grade"] != "spec" else ""), ", ".join(who), WORDS[result], cell(came),
                cell(check["expected"]), cell(check["means"]))
    return checks, names, every, dict((name, version) for name, version, _ in versions)


def page_faults(base):
    failing, driver, why, order = {}, {}, {}, []
    with open(table, encoding="utf-8") as file:
        order = [line.split()[0] for line in file if line[:1].isalpha()]
    folders = sorted(name for name in os.listdir(folder) if os.path.exists(os.path.join(folder, name, "row")))
    for name in folders:
        about = dict(line.split("=", 1) for line in lines(name, "row"))
        for key, value in data(name):
            if key == "checks":
                fault, _, failed = value.partition(" ")
                failing[fault] = [check for check in failed.split(",") if check]
            elif key in ("loaded", "later", "why-loaded", "why-later"):
                fault, _, words = value.partition(" ")
                into = why if key.startswith("why") else driver
                into[fault, key.removeprefix("why-")] = words
            elif key == "outcome":
                driver[about["fault"], about["when"]] = f"\u201c{value}\u201d"
            elif key == "result" and name.startswith("faults-"):
                failing.setdefault("+" + about["fault"], {})[about["check"]] = value

    head("fault", "checks", "driver loaded under it", "armed later")
    plain = failing["none"]
    notes = {}

    def behaviour(fault, when):
        words = driver[fault, when]
        reason = why.get((fault, when), "")
        if reason:
            number = notes.setdefault(f"{words}: {reason}", len(notes) + 1)
            return f"{words} ({number})"
        return words

    for fault in order:
        if fault == "none":
            continue
        differ = [check for check in failing[fault] if check not in plain] + ["!" + check for check in plain if check not in failing[fault]]
        for check, result in failing.get("+" + fault, {}).items():
            before = base[check][1]
            bad, was = result in ("FAIL", "down"), before != "pass"
            if result == "skip":
                differ.append(f"{check} (skipped)")
            elif bad != was:
                differ.append(("" if bad else "!") + check)
        row(f"`{fault}`", ", ".join(f"`{check}`" for check in differ) or "-", cell(behaviour(fault, "loaded")), cell(behaviour(fault, "later")))
    print()
    for text, number in notes.items():
        print(f"{number}. {text}")


def page_checks(checks, names, every):
    print("\n## All checks\n")
    head("check", "grade", "section of DEN0054", "expected", "what a failure means", *(f"`{name}`" for name in names))
    for name in every:
        what = next(checks[firmware][name][0] for firmware in names if name in checks[firmware])
        row(f"`{name}`", GRADES[what["grade"]], cell(what["section"].removeprefix("DEN0054 ")), cell(what["expected"]), cell(what["means"]), *(WORDS[checks[firmware][name][1]] if name in checks[firmware] else "-" for firmware in names))


print(HEAD)
found, firmwares, all_names, version_of = page_firmware()
print(FAULTS.format(version=version_of["tfa"]))
page_faults(found["tfa"])
page_checks(found, firmwares, all_names)
