"""A bundle from anywhere is read within bounds, and cannot carry a secret."""

from __future__ import annotations

from time import monotonic

import pytest

from config.errors import BundleInvalid
from syncjobs.bundle import plan
from syncjobs.bundle.read import read

LAUGHS = "rollcall: 1\na0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS, "an alias"),
        ("rollcall: 1\nconnectors: " + "[" * 5000 + "]" * 5000, "more than 20 levels"),
        ("rollcall: 1\nconnectors: &x [*x]\n", "an alias"),
        ("rollcall: !!python/object/apply:os.system ['true']\n", "line 1"),
    ],
)
def test_what_would_unfold_or_run_is_refused_at_once(text: str, said: str) -> None:
    began = monotonic()
    with pytest.raises(BundleInvalid, match=said):
        read(text)
    assert monotonic() - began < 5


@pytest.mark.django_db
@pytest.mark.parametrize(
    "settings",
    ["{token: hunter22}", "{base_url: 'https://user:hunter22@learn.example.com'}", "{base_url: 'https://learn.example.com/?wstoken=x'}"],
)
def test_no_secret_comes_in_by_a_bundle(settings: str) -> None:
    bundle = read(f"rollcall: 1\nconnectors:\n  - {{key: academy, vendor: moodle, settings: {settings}}}\n")
    with pytest.raises(BundleInvalid):
        plan.carry_out(bundle)
