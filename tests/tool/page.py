#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""page.py FILE: fails unless the HTML page is well-formed, needs no other file and breaks no words, and has rules for dark mode, paper and
a narrow screen."""
import html.parser
import re
import sys


class Parser(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.stack, self.ids, self.links = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.stack.append(tag)
        for key, value in attributes:
            if key == "id":
                self.ids.append(value)
            elif key in ("href", "src"):
                self.links.append(value)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            sys.exit(f"</{tag}> ends another element")


with open(sys.argv[1], encoding="utf-8") as file:
    page = file.read()
parser = Parser()
parser.feed(page)
if parser.stack:
    sys.exit(f"not ended: {parser.stack}")
if len(parser.ids) != len(set(parser.ids)):
    sys.exit("an id is there twice")
if not parser.links or any(link[0] != "#" or link[1:] not in parser.ids for link in parser.links):
    sys.exit(f"no links, or one that leads out of the page: {parser.links}")
bad = re.search(r"url\(|@import|https?:|overflow-wrap: anywhere|word-break", page)
if bad:
    sys.exit(f"needs a file, or breaks words: {bad[0]}")
for words in "prefers-color-scheme: dark", "@media print", "max-width: 50rem", 'name="viewport"':
    if words not in page:
        sys.exit(f"has no {words}")
