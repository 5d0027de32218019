"""The files of a policy as somebody hands them in: one pack.yaml, or a ZIP of the pack's folder."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from ombud.policy.files import ALLOWED, MAIN_FILE, MAX_FILE, MAX_FILES

LARGEST = 5 * 1024 * 1024


class PackField(forms.FileField):
    """A pack.yaml or a ZIP; {file: text}, empty where nothing was sent."""

    def clean(self, data: Any, initial: Any = None) -> dict[str, str]:
        """Return the files that a pack may have; what else lies beside them is left out."""
        file: Any = super().clean(data, initial)
        if not file:
            return {}
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        content = file.read()
        try:
            found = _unpacked(content) if zipfile.is_zipfile(io.BytesIO(content)) else {MAIN_FILE: content}
            texts = {name: each.decode("utf-8-sig") for name, each in found.items()}
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError) as error:
            raise forms.ValidationError(_("This ZIP cannot be read.")) from error
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The files of a policy are UTF-8 text.")) from error
        if MAIN_FILE not in texts:
            raise forms.ValidationError(_("A policy has a file pack.yaml."))
        return texts


def _unpacked(content: bytes) -> dict[str, bytes]:
    """Return the pack's files, wherever in the ZIP its folder lies; nothing is unpacked beyond what a pack may have."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        heads = [each for each in box.infolist() if not each.is_dir()]
        mains = [each.filename for each in heads if each.filename.rpartition("/")[2] == MAIN_FILE]
        folder = min(mains, key=len, default=MAIN_FILE).removesuffix(MAIN_FILE)
        wanted = [each for each in heads if ALLOWED.match(each.filename.removeprefix(folder))]
        wanted = [each for each in wanted if each.filename.startswith(folder)]
        if len(wanted) > MAX_FILES:
            raise forms.ValidationError(_("A policy has at most {n} files.").format(n=MAX_FILES))
        for head in wanted:
            with box.open(head) as packed:
                found[head.filename.removeprefix(folder)] = packed.read(MAX_FILE + 1)
            if len(found[head.filename.removeprefix(folder)]) > MAX_FILE or sum(map(len, found.values())) > 4 * LARGEST:
                raise forms.ValidationError(_("A file of this policy is too large."))
    return found
