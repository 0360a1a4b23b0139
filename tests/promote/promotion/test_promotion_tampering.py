"""Whatever is changed behind the back of the audit is found, and named."""

import dataclasses
import json
import shutil
import sys

import pytest

from promote.audit import audit_log, signing, strategy_log
from promote.config import Conf
from promote.profiles.files import audit_folder, load
from promote.profiles.profile import to_yaml
from promote.promotion.approval import approve
from promote.promotion.rollback import rollback
from promote.promotion.transaction import Desk
from promote.promotion.verify import _again as again
from promote.promotion.verify import verify
from store.errors import StoreError
from store.files import hash_chain
from store.records.experiment import load as load_experiment
from store.records.experiment import save
from tests.promote.promoted import desk_in, promoted


def with_two_versions(folder, root, **keys):
    """A folder with two versions of a profile, the first approved."""
    desk = desk_in(folder, root, **keys)
    promoted(desk)
    approve(desk, "scalp", "bob")
    promoted(desk, "latest/3")
    return folder


def copied(template, folder, *keys):
    """A copy of such a folder, to be touched."""
    shutil.copytree(template, folder / "copy")
    return Desk(folder / "copy" / "results", Conf(folder / "copy" / "profiles", *keys))


@pytest.fixture(scope="module")
def unsigned_template(tmp_path_factory, template):
    return with_two_versions(tmp_path_factory.mktemp("unsigned"), template)


@pytest.fixture(scope="module")
def signed_template(tmp_path_factory, template, key):
    path, public = key
    folder = tmp_path_factory.mktemp("signed")
    return with_two_versions(folder, template, public_keys=(public,), signing_key=path)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A private key's file and its public key."""
    path = tmp_path_factory.mktemp("keys") / "me.pem"
    return path, signing.new_key(path)


@pytest.fixture
def desk(tmp_path, unsigned_template):
    """Two versions, the first approved; nothing signed."""
    return copied(unsigned_template, tmp_path)


@pytest.fixture
def signed(tmp_path, signed_template, key):
    """The same, every entry signed."""
    path, public = key
    return copied(signed_template, tmp_path, (public,), path)


def findings(desk, ref="scalp"):
    """Faults by part."""
    return {one.part: one.faults for one in verify(desk.root, desk.conf, ref) if one.faults}


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_untouched_is_clean(desk):
    assert findings(desk) == findings(desk, "scalp/v1") == {}


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("scalp/v1.yaml", "profile"),
        ("scalp/v1.report.json", "files"),
        ("scalp/v1.report.html", "files"),
        ("scalp/v1.report.md", "files"),
        ("scalp/v1.approval.yaml", "files"),
        ("STRATEGY_LOG.md", "log"),
        ("_audit/000001.json", "audit"),
        ("_audit/000002.json", "audit"),
    ],
)
@pytest.mark.parametrize("how", ["changed", "gone", "longer"])
def test_a_touched_file_is_named(desk, file, part, how):
    path = desk.profiles / file
    if how == "gone":
        path.unlink()
    elif how == "longer":
        path.write_bytes(path.read_bytes() + b"\nx")
    else:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    if (file, how) == ("scalp/v1.yaml", "gone"):
        with pytest.raises(StoreError, match="scalp/v1: there is no such version"):
            findings(desk, "scalp/v1")
        return
    found = findings(desk, "scalp/v1")
    assert any(path.name in fault for fault in found[part]), found


def forged(desk, **changes):
    """Version 2 with other values and a digest that fits."""
    profile = dataclasses.replace(load(desk.profiles, "scalp", 2), **changes)
    (desk.profiles / "scalp" / "v2.yaml").write_text(to_yaml(profile))


def test_a_forged_profile_is_not_what_the_audit_saw(desk):
    metrics = {**load(desk.profiles, "scalp", 2).metrics, "sharpe": 3.0}
    forged(desk, metrics=metrics)
    found = findings(desk)
    assert "v2.yaml: was changed" in found["files"][0]
    assert "sharpe is" in found["metrics"][0]
    assert "says 3.0" in found["metrics"][0]


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"params": {"fast": 4, "slow": 21}}, "config hash"),
        ({"fingerprint": "ab" * 32}, "data"),
        ({"strategy": {"module": "sma", "source_hash": "ab"}}, "strategy"),
        ({"config_hash": "ab" * 32}, "registry"),
        ({"params": {"fast": 4}}, "run"),
        ({"strategy": {"module": "no_such", "source_hash": "ab"}}, "run"),
        ({"window": {"role": "dev", "start": 0, "stop": 9999, "first": "", "last": ""}}, "metrics"),
    ],
)
def test_a_forgery_differs_when_it_is_run(desk, changes, part):
    forged(desk, **changes)
    assert findings(desk)[part]


@pytest.mark.parametrize("what", ["kernel", "seed"])
def test_another_kernel_or_seed_is_named(desk, what):
    profile = load(desk.profiles, "scalp", 2)
    if what == "kernel":
        forged(desk, versions={**profile.versions, "kernel": "0"})
    else:
        forged(desk, experiment={**profile.experiment, "seed": 8})
    said = {"kernel": ("kernel", "kernel version"), "seed": ("experiment", "seed is 0")}[what]
    assert said[1] in findings(desk)[said[0]][0]


def test_changed_bars_are_named(desk, monkeypatch):
    from store.data.sources import synthetic

    real = synthetic.load

    def other(spec):
        tables = real(spec)
        for table in tables.values():
            table.frame.iloc[7, 4] += 1.0
        return tables

    monkeypatch.setattr(synthetic, "load", other)
    found = findings(desk)
    assert "fingerprint is" in found["data"][0]
    assert "config hash" in found


def test_a_moved_pointer_is_named(desk):
    (desk.profiles / "scalp" / "current").write_text("v1.yaml\n")
    assert "names v1, the audit's newest version is v2" in findings(desk)["current"][0]


def test_an_audit_without_its_end_is_noticed(desk):
    (audit_folder(desk.profiles) / "000003.json").unlink()
    found = findings(desk, "scalp/v2")
    assert "does not know this version" in found["files"][0]
    assert {"log", "current"} <= found.keys()


def test_a_copy_without_store_is_verified_from_its_yaml_alone(desk, tmp_path):
    found = verify(tmp_path / "nothing", desk.conf, "scalp")
    assert [fault for one in found for fault in one.faults] == []
    notes = {one.part: one.note for one in found}
    assert "knows no such profile" in notes["registry"]
    assert "no longer in" in notes["experiment"]
    assert not (tmp_path / "nothing").exists()


def test_a_record_that_was_changed_is_named(desk):
    name = load(desk.profiles, "scalp", 2).experiment["id"]
    record = load_experiment(desk.root, name)
    save(desk.root, dataclasses.replace(record, search={**record.search, "seed": 3}))
    assert "seed is 3, the profile says 0" in findings(desk)["experiment"][0]
    (desk.root / "v1" / name / "experiment.json").write_text("{")
    assert "is not JSON" in findings(desk)["experiment"][0]


def rewritten(folder, change):
    """The whole audit written again by somebody who knows how, but has no key."""
    bodies = [change(dict(link.body)) for link in hash_chain.read(folder)]
    for path in folder.glob("*.json"):
        path.unlink()
    for body in bodies:
        assert hash_chain.append(folder, hash_chain.read(folder), body)


def praised(body):
    return body | {"reason": "certainly not luck"}


def test_a_rewritten_audit_is_found_by_its_signatures(signed):
    assert findings(signed) == {}
    rewritten(audit_folder(signed.profiles), praised)
    log = strategy_log.render([link.body for link in audit_log.entries(signed.profiles)])
    (signed.profiles / "STRATEGY_LOG.md").write_text(log)
    found = findings(signed)["audit"]
    assert len(found) == 3
    assert "is no signature of entry 1" in found[0]


@pytest.mark.parametrize("text", ["", "zz", "00" * 64])
def test_a_bad_signature_is_named(signed, text):
    path = audit_folder(signed.profiles) / "000002.sig"
    path.write_text(text)
    assert findings(signed)["audit"] == (f"{path}: is no signature of entry 2 by a pinned key",)


@pytest.mark.parametrize("number", [2, 3])
def test_a_missing_signature_is_named(signed, number):
    (audit_folder(signed.profiles) / f"00000{number}.sig").unlink()
    assert f"entry {number} is not signed" in findings(signed)["audit"][0]


def test_what_came_before_the_first_key_is_covered_by_its_signature(desk, key):
    path, public = key
    later = dataclasses.replace(desk, conf=Conf(desk.profiles, (public,), path))
    assert "entry 3 is not signed" in findings(later)["audit"][0]
    rollback(later, "scalp")
    assert findings(later) == {}
    edit(audit_folder(desk.profiles) / "000001.json", "a trend", "a whim")
    assert "was changed" in findings(later)["audit"][0]


def test_another_key_signs_nothing(desk, key, tmp_path):
    path, public = key
    other = tmp_path / "other.pem"
    signing.new_key(other)
    before = len(audit_log.entries(desk.profiles))
    for conf, said in (
        (Conf(desk.profiles, (public,)), "set SWEEPER_SIGNING_KEY"),
        (Conf(desk.profiles, (public,), other), "none of the pinned keys; add [0-9a-f]{64}"),
        (Conf(desk.profiles, (), path), "none of the pinned keys"),
        (Conf(desk.profiles, (public,), tmp_path / "no.pem"), "is no private key"),
    ):
        with pytest.raises(StoreError, match=said):
            rollback(dataclasses.replace(desk, conf=conf), "scalp")
    assert len(audit_log.entries(desk.profiles)) == before


def test_a_key_is_private_and_never_overwritten(key):
    path, public = key
    assert path.stat().st_mode & 0o777 == 0o600
    assert signing.public_key(path) == public
    with pytest.raises(StoreError, match="never overwritten"):
        signing.new_key(path)


def test_a_key_of_another_kind_is_refused(tmp_path):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import x25519

    path = tmp_path / "x.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8)
    private = x25519.X25519PrivateKey.generate()
    path.write_bytes(private.private_bytes(*form, serialization.NoEncryption()))
    with pytest.raises(StoreError, match="is no Ed25519 key"):
        signing.public_key(path)


def test_a_known_signature_is_believed():
    """RFC 8032, section 7.1, test 2."""
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert signing.is_signed(b"\x72", signature, ("00" * 32, public))
    assert not signing.is_signed(b"\x73", signature, (public,))


def test_a_missing_extra_is_one_line(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(StoreError, match="needs the extra `sign`"):
        signing.new_key(tmp_path / "x.pem")
    assert list(tmp_path.iterdir()) == []


def test_the_audit_is_plain_json(desk):
    bodies = [
        json.loads(path.read_text())["body"]
        for path in sorted(audit_folder(desk.profiles).glob("*.json"))
    ]
    assert [body["kind"] for body in bodies] == ["promoted", "approved", "promoted"]


def test_a_version_that_nobody_promoted_is_named(desk):
    profile = dataclasses.replace(load(desk.profiles, "scalp", 2), version=7)
    (desk.profiles / "scalp" / "v7.yaml").write_text(to_yaml(profile))
    found = findings(desk, "scalp/v7")
    assert "does not know this version" in found["files"][0]
    assert "knows other versions only" in found["registry"][0]
    with pytest.raises(StoreError, match="no promotion of this version"):
        approve(desk, "scalp/v7", "eve")


@pytest.mark.parametrize("name", ["v1.yaml", "v1.report.json", "v1.approval.yaml"])
def test_an_edited_file_of_an_older_version_is_found_by_the_newest(name, desk):
    path = desk.profiles / "scalp" / name
    path.write_text(path.read_text() + "\n")
    assert f"{path}: was changed since it was written" in findings(desk)["files"][0]
    assert findings(desk, "scalp/v1")


def test_the_processor_is_named_when_it_alone_differs(desk):
    profile = load(desk.profiles, "scalp", 2)
    elsewhere = dataclasses.replace(profile, versions=profile.versions | {"cpu": "z80"})
    assert not [fault for finding in again(elsewhere) for fault in finding.faults]
    off = profile.metrics | {"sharpe": float(profile.metrics["sharpe"]) + 1e-12}
    faults = list(again(dataclasses.replace(elsewhere, metrics=off)))[-1].faults
    assert faults[0].startswith("sharpe is")
    assert faults[1].startswith("only the processor differs: kernels are compiled for")
    assert "for z80 when" in faults[1]
    here = dataclasses.replace(profile, metrics=off)
    assert [len(finding.faults) for finding in again(here)][-1] == 1
