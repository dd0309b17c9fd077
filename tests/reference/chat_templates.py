"""Renders chat templates as Hugging Face transformers does, with Jinja2 itself (3.1.6), and writes what the tests expect.

    pip install jinja2==3.1.6
    python3 tests/reference/chat_templates.py

It reads tests/chat/templates/*.jinja and the templates in tests/chat/constructs.json, and writes tests/chat/rendered.json
and the results in tests/chat/constructs.json. A template that refuses a chat, or fails, has no text.
"""
import copy
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER = pathlib.Path(__file__).parent.parent / "chat"
NOW = datetime.datetime(2024, 7, 6, 5, 4, 3)


class Generation(Extension):
    """The tag that marks the assistant's text, as transformers has it: a block that is written as it is."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    def _write(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(
            value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


def render(template, variables):
    try:
        return environment().from_string(template).render(**copy.deepcopy(variables))
    except Exception:
        return None


SYSTEM = ("system", "Be <b>\"brief\"</b>.")
USER = ("user", "Hi")
ASSISTANT = ("assistant", "Hello.")
LONG = ("user", " Grüße 🙂 日本\n\nBye \n")
THINKING = ("assistant", "<think>\nhm\n</think>\n\nYes, é.")
CHATS = {
    "one question": [USER],
    "a system message": [SYSTEM, USER],
    "an empty system message": [("system", ""), USER],
    "several turns": [USER, ASSISTANT, LONG],
    "a thought in the past": [SYSTEM, USER, THINKING, LONG],
    "a thought at the end": [USER, THINKING],
    "an answer that starts with a space": [USER, ("assistant", "<think>\nhm\n</think>\n\n Yes"), USER],
    "an empty message": [("user", "")],
    "a system message alone": [SYSTEM],
    "a system message in between": [USER, ASSISTANT, SYSTEM, USER],
    "two questions": [USER, LONG],
    "a tool's answer": [USER, ASSISTANT, ("tool", "{\"a\": 1}"), USER],
    "a tool's answer as the user's": [USER, ASSISTANT, ("user", "<tool_response>x</tool_response>")],
    "an answer first": [ASSISTANT, USER],
    "a role of its own": [("other", "x")],
    "no message": [],
}


def rendered(template):
    return {
        chat: [
            render(template, {
                "messages": [{"role": role, "content": content} for role, content in messages],
                "tools": None,
                "documents": None,
                "add_generation_prompt": prompts,
                "bos_token": "<bos>",
                "eos_token": "<eos>",
            })
            for prompts in (False, True)
        ]
        for chat, messages in CHATS.items()
    }


def write(name, value):
    (FOLDER / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def main():
    if jinja2.__version__ != "3.1.6":
        raise SystemExit(f"jinja2 is {jinja2.__version__}, expected 3.1.6")
    files = sorted((FOLDER / "templates").glob("*.jinja"))
    write("rendered.json", {
        "chats": {name: [list(message) for message in chat] for name, chat in CHATS.items()},
        "templates": {
            file.stem: rendered(file.read_bytes().decode("utf-8")) for file in files
        },
    })
    constructs = json.loads((FOLDER / "constructs.json").read_text(encoding="utf-8"))
    constructs["texts"] = [render(one, constructs["variables"]) for one in constructs["templates"]]
    write("constructs.json", constructs)


if __name__ == "__main__":
    main()
