"""Drives `juju` through jubilant, one function a verb, in this order. Prints a JSON line for each: {"verb": ..., "error": null or text}.

Arguments: path of juju, cloud (`light` or `localhost`), model, librarian charm, its second version, bookshop charm, a scratch directory,
verbs to try (all if none is named).
"""

import json
import pathlib
import sys
import time
import traceback

import jubilant

CLI, CLOUD, MODEL, LIBRARIAN, LIBRARIAN_2, BOOKSHOP, SCRATCH, *VERBS = sys.argv[1:]
juju = jubilant.Juju(cli_binary=CLI, wait_timeout=180)


def wait(ready) -> jubilant.Status:
    return juju.wait(ready, error=jubilant.any_error, delay=0.1, successes=2)


def idle(status: jubilant.Status) -> bool:
    return jubilant.all_agents_idle(status)


def raises(kind, call) -> Exception:
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind}")


def add_model():
    juju.add_model(MODEL, CLOUD, config={"update-status-hook-interval": "5m"})
    assert juju.model == juju.status().model.name == juju.show_model().short_name == MODEL


def version():
    assert juju.version().tuple >= (3, 0, 0)


def deploy():
    juju.deploy(pathlib.Path(LIBRARIAN), "library", config={"motto": "hush"}, num_units=2)
    juju.deploy(BOOKSHOP)
    missing = raises(jubilant.CLIError, lambda: juju.deploy("./no-such.charm"))
    assert missing.returncode == 1, missing


def wait_():
    status = wait(lambda s: jubilant.all_active(s, "library") and jubilant.all_waiting(s, "bookshop") and idle(s))
    assert len(status.apps["library"].units) == 2
    raises(jubilant.WaitError, lambda: juju.wait(idle, error=lambda s: True, delay=0.1))
    raises(TimeoutError, lambda: juju.wait(lambda s: False, delay=0.1, timeout=0.5))


def status():
    status = juju.status()
    library = status.apps["library"]
    assert library.app_status.current == "active" and library.app_status.message == "hush", library
    assert library.charm_name == "librarian" and library.charm_origin == "local" and library.version == "1.0", library
    assert list(library.units) == ["library/0", "library/1"], library.units
    assert library.units["library/0"].open_ports == ["7070/tcp"], library.units
    assert [unit.leader for unit in library.units.values()].count(True) == 1
    assert status.get_units("bookshop")["bookshop/0"].workload_status.message == "for a librarian"
    assert library.units["library/1"].machine in status.machines


def integrate():
    juju.integrate("library:books", "bookshop:books")
    status = wait(lambda s: jubilant.all_active(s, "library", "bookshop") and idle(s))
    message = status.apps["bookshop"].units["bookshop/0"].workload_status.message
    assert message in ("library/0 lent Moby Dick: hush", "library/1 lent Moby Dick: hush"), message
    assert status.apps["bookshop"].relations["books"][0].related_app == "library"
    again = raises(jubilant.CLIError, lambda: juju.integrate("library:books", "bookshop:books"))
    assert "already exists" in again.stderr


def run():
    task = juju.run("library/0", "lend", {"title": "Dune", "days": 3})
    assert task.success and task.results["title"] == "Dune" and task.results["unit"] == "library/0", task
    assert str(task.results["days"]) == "3" and "stamped" in task.stdout, task
    assert any("looking for Dune" in line for line in task.log), task
    leader = juju.run("library/leader", "lend", {"title": "Emma"}, wait=60)
    assert str(leader.results["days"]) == "14"
    refused = raises(jubilant.TaskError, lambda: juju.run("library/0", "refuse"))
    assert refused.task.status == "failed" and refused.task.message == "the library is closed", refused
    crashed = raises(jubilant.TaskError, lambda: juju.run("library/0", "crash"))
    assert crashed.task.return_code == 1 and "the shelf fell down" in crashed.task.stderr, crashed
    # What jubilant makes of it depends on the words, which differ between versions of Juju.
    raises((ValueError, jubilant.CLIError), lambda: juju.run("library/0", "no-such-action"))
    raises((ValueError, jubilant.CLIError), lambda: juju.run("library/9", "lend", {"title": "x"}))


def exec_():
    assert juju.exec("echo", "two words", unit="library/0").stdout == "two words\n"
    assert "books:" in juju.exec("relation-ids books", unit="library/leader").stdout
    machine = juju.status().apps["bookshop"].units["bookshop/0"].machine
    assert juju.exec("echo on the machine", machine=machine).stdout == "on the machine\n"
    failed = raises(jubilant.TaskError, lambda: juju.exec("echo no >&2; exit 3", unit="library/0"))
    assert failed.task.return_code == 3 and failed.task.stderr == "no\n", failed
    raises(TimeoutError, lambda: juju.exec("sleep 5", unit="library/1", wait=0.3))


def config():
    assert juju.config("library") == {"motto": "hush"}, juju.config("library")
    juju.config("library", {"motto": "whisper"})
    wait(lambda s: s.apps["library"].app_status.message == "whisper" and idle(s))
    juju.config("library", reset="motto")
    wait(lambda s: s.apps["library"].app_status.message == "silence" and idle(s))
    assert juju.config("library", app_config=True)["trust"] is False
    unknown = raises(jubilant.CLIError, lambda: juju.config("library", {"nosuch": 1}))
    assert "unknown option" in unknown.stderr
    assert juju.model_config()["update-status-hook-interval"] == "5m", juju.model_config()


def ssh():
    assert juju.ssh("library/0", "echo", "hello").strip() == "hello"
    machine = juju.status().apps["library"].units["library/0"].machine
    assert juju.ssh(machine, "echo $((6 * 7))").strip() == "42"
    failed = raises(jubilant.CLIError, lambda: juju.ssh("library/0", "exit 7"))
    assert failed.returncode == 7


def scp():
    source, back = pathlib.Path(SCRATCH, "page"), pathlib.Path(SCRATCH, "page.back")
    source.write_text("once upon a time")
    juju.scp(source, "library/0:page")
    assert juju.ssh("library/0", "cat page") == "once upon a time"
    juju.scp("library/0:page", back)
    assert back.read_text() == "once upon a time"
    shelf = pathlib.Path(SCRATCH, "shelf")
    shelf.mkdir()
    (shelf / "book").write_text("chapter 1")
    juju.scp(shelf, "library/1:shelf", scp_options=["-r"], host_key_checks=False)
    assert juju.ssh("library/1", "cat shelf/book") == "chapter 1"


def show_unit():
    unit = juju.show_unit("bookshop/0")
    assert unit.charm.startswith("local:bookshop-") and unit.leader and unit.machine, unit
    (books,) = [each for each in unit.relation_info if each.endpoint == "books"]
    assert books.app_data == {"motto": "hush"}, books
    assert books.related_units["library/0"].data["lent"] == "Moby Dick", books
    shelf = juju.show_unit("library/0").relation_info
    assert {each.endpoint for each in shelf} == {"shelf", "books"}, shelf


def add_secret():
    uri = juju.add_secret("card-1", {"number": "17"}, info="a library card")
    assert uri.startswith("secret:"), uri
    juju.config("library", {"card": uri})
    wait(idle)
    refused = raises(jubilant.TaskError, lambda: juju.run("library/0", "read-card"))
    assert "no card" in refused.task.message, refused


def grant_secret():
    juju.grant_secret("card-1", "library")
    assert juju.run("library/0", "read-card").results == {"number": "17"}


def update_secret():
    juju.update_secret("card-1", {"number": "18"}, info="a new library card")
    wait(idle)
    assert juju.run("library/1", "read-card").results == {"number": "18"}


def show_secret():
    shown = juju.show_secret("card-1")
    assert (shown.name, shown.revision, shown.description) == ("card-1", 2, "a new library card"), shown
    assert [(each.target, each.role) for each in shown.access or []] == [("application-library", "view")], shown
    revealed = juju.show_secret(shown.uri, reveal=True)
    assert revealed.content == {"number": "18"} and revealed.checksum, revealed
    assert juju.show_secret(shown.uri, reveal=True, revision=1).content == {"number": "17"}
    assert [each.revision for each in juju.show_secret(shown.uri, revisions=True).revisions or []] == [1, 2]


def secrets():
    assert [(each.name, each.owner, each.revision) for each in juju.secrets()] == [("card-1", "<model>", 2)], juju.secrets()
    assert juju.secrets(owner="application-library") == []


def revoke_secret():
    juju.cli("revoke-secret", "card-1", "library")
    raises(jubilant.TaskError, lambda: juju.run("library/0", "read-card"))


def remove_secret():
    juju.remove_secret("card-1", revision=1)
    juju.remove_secret("card-1")
    assert juju.secrets() == []
    raises(jubilant.CLIError, lambda: juju.show_secret("card-1"))
    juju.config("library", reset="card")


def add_unit():
    juju.add_unit("library", num_units=2)
    status = wait(lambda s: len(s.apps["library"].units) == 4 and jubilant.all_active(s, "library") and idle(s))
    assert status.apps["library"].units["library/3"].leader is False


def remove_unit():
    juju.remove_unit("library/3", "library/2", destroy_storage=True)
    wait(lambda s: sorted(s.apps["library"].units) == ["library/0", "library/1"] and idle(s))
    raises(jubilant.CLIError, lambda: juju.remove_unit("library/99"))


def refresh():
    juju.refresh("library", path=LIBRARIAN_2)
    status = wait(lambda s: s.apps["library"].version == "2.0" and jubilant.all_active(s, "library") and idle(s))
    assert status.apps["library"].charm_rev == 1, status.apps["library"]


def debug_log():
    lines = juju.debug_log(limit=3).splitlines()
    assert len(lines) == 3 and all(line.startswith(("unit-", "machine-", "controller-")) for line in lines), lines


def remove_relation():
    juju.remove_relation("library:books", "bookshop:books")
    wait(lambda s: jubilant.all_waiting(s, "bookshop") and idle(s))


def remove_application():
    juju.remove_application("bookshop")
    wait(lambda s: "bookshop" not in s.apps and idle(s))


def destroy_model():
    juju.destroy_model(MODEL, destroy_storage=True, force=True)
    assert juju.model is None
    assert MODEL not in juju.cli("models", include_model=False)


ORDER = [
    add_model, version, deploy, wait_, status, integrate, run, exec_, config, ssh, scp, show_unit, add_secret,
    grant_secret, update_secret, show_secret, secrets, revoke_secret, remove_secret, add_unit, remove_unit, refresh,
    debug_log, remove_relation, remove_application, destroy_model,
]  # fmt: skip

up = True
for verb in ORDER:
    name, error, began = verb.__name__.rstrip("_"), None, time.monotonic()
    if VERBS and name not in VERBS:
        continue
    try:
        assert up or verb is destroy_model, "not tried: the charms did not come up"
        verb()
    except Exception:
        error = traceback.format_exc()
        up = up and verb not in (add_model, deploy, wait_)
    print(json.dumps({"verb": name, "error": error, "seconds": round(time.monotonic() - began, 1)}), flush=True)
