"""Rules about the repository itself that a reviewer would otherwise have to remember."""

import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.core.management import call_command
from django.urls import reverse

from ombud.project import catalogues, messages
from ombud.workbench import navigation

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ombud"
CJK = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
LINES = 400


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)


#: What is longer, and why.
LONGER = {"papers/dossier/stand_alone.py": "it leaves the house as one file, which an auditor reads from top to bottom"}


def test_no_module_is_longer_than_400_lines():
    assert {
        name: count
        for path in modules()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > LINES
        and (name := str(path.relative_to(PACKAGE))) not in LONGER
    } == {}


def test_every_module_opens_with_one_sentence_saying_what_it_is_for():
    assert [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if path.read_text(encoding="utf-8").strip() and not path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))
    ] == []


def test_chinese_words_stand_in_catalogues_and_packs_never_in_code_or_templates():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for pattern in ("*.py", "*.html", "*.js", "*.css")
        for path in sorted(PACKAGE.rglob(pattern))
        if path.name not in ("stand_alone.py", "verify.html")  # they leave the house, and take their words along
        and path.parent.name != "echarts"  # brought along, not ours
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CJK.search(line)
    ]
    assert found == []


def test_no_made_up_address_stands_where_complainants_could_be_told_it():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for pattern in ("*.py", "*.html", "*.yaml", "*.md", "*.js")
        for path in sorted(PACKAGE.rglob(pattern))
        if not {"demo", "scenarios"} & set(path.parts)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bexample\.(com|org|net)\b", line)
        if "such as" not in line and not line.lstrip().startswith(("#", '"""'))  # a hint, or said to programmers
    ]
    assert found == []


TEMPLATE_LINE = 160
TEMPLATE_LINES = 120


def test_a_template_fits_the_eye():
    wide, long = [], []
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        lines = path.read_text(encoding="utf-8").splitlines()
        name = path.relative_to(PACKAGE)
        wide += [f"{name}:{number}" for number, line in enumerate(lines, 1) if len(line) > TEMPLATE_LINE]
        long += [str(name)] if len(lines) > TEMPLATE_LINES else []
    assert wide == [], "break the line where a reader would: one element a line"
    assert long == [], "split the template by what it shows"


def test_the_navigation_is_one_list_and_each_entry_leads_somewhere():
    entries = [entry for group in navigation.GROUPS for entry in group.entries]
    templates = "".join(path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("templates/**/*.html")))
    copied = [entry.url for entry in entries if re.search(rf'url "{entry.url}" %}}"[^>]*aria-current', templates)]

    assert [reverse(entry.url) for entry in entries if not reverse(entry.url).startswith("/desk/")] == []
    assert len({entry.url for entry in entries}) == len(entries)
    assert len(keys := [entry.key for entry in entries if entry.key]) == len(set(keys))
    assert copied == []


TYPED = re.compile(r'env(?:str|bool|int|list|names|secret|keys|mail|database|clamd|s3|address)\(\s*"([A-Z_]+)"')
RAW = re.compile(r'environ(?:\.get\(|\.setdefault\(|\[)\s*"((?:OMBUD_|DATABASE_URL|PORT)[A-Z_]*)"')


def test_every_setting_is_documented_and_every_documented_setting_exists():
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/reference/settings.md").read_text(), re.MULTILINE))
    read = set()
    for path in [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]:
        source = path.read_text(encoding="utf-8")
        read |= {*TYPED.findall(source), *RAW.findall(source)}
    read |= set(re.findall(r"(OMBUD_[A-Z_]+)=", (ROOT / ".ci/run").read_text()))
    inner = {"OMBUD_PARENT_PIPE"}  # from the supervisor to its children
    assert read - inner == documented


def test_every_command_is_documented():
    from ombud.project.command import COMMANDS

    readme = (ROOT / "README.md").read_text() + "".join(
        path.read_text() for path in sorted((ROOT / "docs").rglob("*.md"))
    )
    assert [name for name in COMMANDS if f"ombud {name}" not in readme] == []


@pytest.fixture(scope="module")
def marked() -> list[polib.POEntry]:
    return messages.collect(PACKAGE)


CATALOGUES = pytest.mark.parametrize(
    "file", catalogues.catalogues(ROOT / "locale"), ids=lambda path: path.parent.parent.name
)


@CATALOGUES
def test_every_marked_text_is_translated(file: Path, marked: list[polib.POEntry]):
    catalogue = messages.merge_catalogue(file, marked)
    assert [entry.msgid for entry in catalogue if not catalogues.is_translated(entry)] == []


@CATALOGUES
def test_the_catalogue_holds_exactly_what_its_readers_read(file: Path, marked: list[polib.POEntry]):
    kept = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(file)) if not entry.obsolete}
    wanted = {(entry.msgctxt, entry.msgid) for entry in marked if catalogues.belongs(entry, file)}
    assert kept == wanted, "run: make messages"


@CATALOGUES
def test_translations_keep_every_placeholder(file: Path):
    holes = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]*\}")
    catalogue = polib.pofile(str(file))
    _count, form_of = catalogues.plurals(catalogue)
    numbers = [form_of(n) for n in range(200)]
    wrong = [
        entry.msgid
        for entry in catalogue
        for form, words in (entry.msgstr_plural or {None: entry.msgstr}).items()
        if words and sorted(holes.findall(words)) != sorted(holes.findall(entry.msgid_plural or entry.msgid))
        # A form for one number alone may say it in a word: the Arabic dual.
        if not (holes.findall(words) == [] and numbers.count(form) == 1)
    ]
    assert wrong == []


@CATALOGUES
def test_every_form_of_a_plural_has_words(file: Path):
    catalogue = polib.pofile(str(file))
    count, form_of = catalogues.plurals(catalogue)
    assert {form_of(n) for n in range(200)} == set(range(count))
    plural = [entry for entry in catalogue if entry.msgid_plural]
    assert plural
    assert [entry.msgid for entry in plural if set(entry.msgstr_plural) != set(range(count))] == []


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.slow
def test_the_layers_import_downwards_only():
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_policy_command_needs_no_django():
    code = "import sys; import ombud.project.command, ombud.project.policy_command; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
