"""Text that a terminal, a log and a CI show, and that none of them obeys.

Whatever the program prints goes through here, because names, labels and errors may be a stranger's.
Commands of a CI in the output of a program are `::name::` at the start of a line and `##[name]`
anywhere (GitHub), `##vso[name]` (Azure), `##teamcity[name]`, control characters (GitLab), and
`---`, `+++`, `~~~` and `^^^` at the start of a line (Buildkite):
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands,
https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands,
https://www.jetbrains.com/help/teamcity/service-messages.html,
https://docs.gitlab.com/ci/jobs/job_logs/,
https://buildkite.com/docs/pipelines/configure/managing-log-output.
"""

from __future__ import annotations

# Letters and marks that Python takes for printable and that nobody sees: the rest of
# Default_Ignorable in https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt,
# and the empty pattern of Braille.
_UNSEEN_CODES = (
    *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2800, 0x3164),
    *(0xFFA0, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)),
)
_UNSEEN = frozenset(map(chr, _UNSEEN_CODES))
_COMMANDS_AT_START = ("::", "---", "+++", "~~~", "^^^", "travis_fold:", "travis_time:")


def visible(text: str) -> str:
    r"""`text` with everything escaped that would not be seen (`\x1b`, `\u202e`, `\n`).

    That is control characters, ends of lines, marks that turn the direction of writing, and
    whatever has no width.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if is_seen(one) else one.encode("unicode_escape").decode() for one in text)


def is_seen(letter: str) -> bool:
    """Whether a character is printed, and no control of a terminal, of a line or of a text."""
    return letter.isprintable() and letter not in _UNSEEN


def one_line(text: str) -> str:
    """`text` as `visible` has it, with a space in every command of a CI, which breaks it."""
    text = visible(text)
    while "##" in text:
        text = text.replace("##", "# #")
    start = text.lstrip()
    if start.startswith(_COMMANDS_AT_START):
        text = f"{text[: len(text) - len(start)]}{start[0]} {start[1:]}"
    return text


def lines(text: str) -> str:
    """`text` with each of its lines as `one_line` has it; a line feed alone ends a line."""
    return "\n".join(map(one_line, text.split("\n")))


def document(text: str) -> str:
    """`text` for a terminal: as `visible` has it, with line feeds and tabs as they are."""
    return "\n".join("\t".join(map(visible, line.split("\t"))) for line in text.split("\n"))


def json_text(value: object) -> str:
    """`value` as JSON in ASCII, indented, without a control character or a command of a CI."""
    import json

    # Two of them together are always within a string.
    return json.dumps(value, indent=2).replace("##", "#\\u0023")
