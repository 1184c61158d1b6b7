#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""terminal.py ROWSxCOLUMNS COMMAND...: runs the command on a terminal, and carries out the steps on the standard input, one a line:

    await TEXT          wait until a row of the screen contains TEXT
    gone TEXT           wait until no row contains TEXT
    row N TEXT          wait until row N, counted from 0, is TEXT, with HH:MM:SS in place of a time of day
    selected TEXT       wait until TEXT is in the only row in reverse video below the row of names
    colour TEXT COLOUR  wait until TEXT is on the screen in this colour (default, red, brown)
    screen FILE         wait until the screen is FILE, the same way
    type KEYS           type the keys, with the escapes of Python
    resize ROWSxCOLUMNS
    blank               blank the screen, as another program could
    signal NAME         send the signal to the command
    run COMMAND         run a command of the shell
    ends STATUS         wait until the command has ended with the status; the terminal then has the modes from before

A step that takes longer than 60 s fails."""
import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte

LIMIT = 60


class Terminal:
    def __init__(self, size, command):
        self.master, self.slave = os.openpty()
        rows, columns = self.numbers(size)
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.set_size(rows, columns)
        self.modes = termios.tcgetattr(self.slave)
        self.command = subprocess.Popen(command, stdin=self.slave, stdout=self.slave, stderr=self.slave, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    @staticmethod
    def numbers(size):
        return [int(number) for number in size.split("x")]

    def set_size(self, rows, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def rows(self):
        return [re.sub(r"\b\d\d:\d\d:\d\d\b", "HH:MM:SS", row.rstrip()) for row in self.screen.display]

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.stream.feed(os.read(self.master, 65536))

    def wait(self, what, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end:
                self.fail(f"this did not come: {what}")
            self.read(0.05)

    def fail(self, why):
        self.command.kill()
        sys.exit("\n".join([why, "the screen:"] + self.rows()))

    def reverse_rows(self):
        return [y for y in range(3, self.screen.lines) if self.screen.buffer[y][4].reverse]

    def is_selected(self, text):
        rows = self.reverse_rows()
        return len(rows) == 1 and text in self.rows()[rows[0]]

    def has_colour(self, text, colour):
        for y, row in enumerate(self.screen.display):
            if text in row:
                return self.screen.buffer[y][row.index(text)].fg == colour
        return False

    def is_file(self, path):
        with open(path, encoding="utf-8") as file:
            wanted = [row.rstrip() for row in file.read().splitlines()]
        return self.rows() == wanted

    def has_ended(self, status):
        if self.command.poll() is None:
            return False
        if self.command.returncode != int(status):
            self.fail(f"it ended with {self.command.returncode}, not {status}")
        if termios.tcgetattr(self.slave) != self.modes:
            self.fail("the terminal has other modes than before")
        return True

    def step(self, line):
        word, _, rest = line.partition(" ")
        if word == "await":
            self.wait(line, lambda: any(rest in row for row in self.rows()))
        elif word == "gone":
            self.wait(line, lambda: not any(rest in row for row in self.rows()))
        elif word == "row":
            number, _, text = rest.partition(" ")
            self.wait(line, lambda: self.rows()[int(number)] == text)
        elif word == "selected":
            self.wait(line, lambda: self.is_selected(rest))
        elif word == "colour":
            text, _, colour = rest.rpartition(" ")
            self.wait(line, lambda: self.has_colour(text, colour))
        elif word == "screen":
            self.wait(line, lambda: self.is_file(rest))
        elif word == "type":
            os.write(self.master, rest.encode().decode("unicode_escape").encode())
        elif word == "resize":
            rows, columns = self.numbers(rest)
            # What is on the screen from before does not count.
            self.screen.resize(rows, columns)
            self.screen.reset()
            self.set_size(rows, columns)
        elif word == "blank":
            self.screen.reset()
        elif word == "signal":
            self.command.send_signal(getattr(signal, "SIG" + rest))
        elif word == "run":
            if subprocess.run(["sh", "-c", rest]).returncode:
                self.fail(f"this failed: {rest}")
        elif word == "ends":
            self.wait(line, lambda: self.has_ended(rest))
        else:
            self.fail(f"there is no step {word}")


def main():
    terminal = Terminal(sys.argv[1], sys.argv[2:])
    for line in sys.stdin.read().splitlines():
        if line:
            terminal.step(line)
    if terminal.command.poll() is None:
        terminal.fail("it has not ended")


main()
