"""A librarian: a charm in Python with ops, as charmcraft would pack it."""

import pathlib

import ops


class Librarian(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        for event in (self.on.install, self.on.start, self.on.config_changed, self.on.upgrade_charm):
            framework.observe(event, self._on_change)
        framework.observe(self.on.leader_elected, self._on_leader_elected)
        framework.observe(self.on.books_relation_created, self._on_books_created)
        framework.observe(self.on.books_relation_changed, self._on_books_changed)
        framework.observe(self.on.lend_action, self._on_lend)
        framework.observe(self.on.refuse_action, self._on_refuse)
        framework.observe(self.on.crash_action, self._on_crash)
        framework.observe(self.on.read_card_action, self._on_read_card)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_change(self, event: ops.EventBase):
        self.unit.set_workload_version(pathlib.Path("version").read_text().strip())
        self.unit.set_ports(ops.Port("tcp", 7070))

    def _on_leader_elected(self, event: ops.LeaderElectedEvent):
        shelf = self.model.get_relation("shelf")
        if shelf is not None:
            shelf.data[self.app]["head"] = self.unit.name

    def _on_books_created(self, event: ops.RelationCreatedEvent):
        event.relation.data[self.unit]["librarian"] = self.unit.name
        if self.unit.is_leader():
            event.relation.data[self.app]["motto"] = str(self.config["motto"])

    def _on_books_changed(self, event: ops.RelationChangedEvent):
        wish = event.relation.data[event.unit].get("wish") if event.unit else None
        if wish:
            event.relation.data[self.unit]["lent"] = wish

    def _on_lend(self, event: ops.ActionEvent):
        event.log(f"looking for {event.params['title']}")
        print("stamped")
        event.set_results({"title": event.params["title"], "days": event.params["days"], "unit": self.unit.name})

    def _on_refuse(self, event: ops.ActionEvent):
        event.fail("the library is closed")

    def _on_crash(self, event: ops.ActionEvent):
        raise RuntimeError("the shelf fell down")

    def _on_read_card(self, event: ops.ActionEvent):
        try:
            secret = self.model.get_secret(id=str(self.config["card"]))
            event.set_results({"number": secret.get_content(refresh=True)["number"]})
        except (KeyError, ops.SecretNotFoundError, ops.ModelError) as error:
            event.fail(f"no card: {error}")

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        event.add_status(ops.ActiveStatus(str(self.config["motto"])))


if __name__ == "__main__":
    ops.main(Librarian)
