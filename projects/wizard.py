"""Where a project stands and what comes next. Later packages are reached through rows and URL names, not by import."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import families, trainable
from projects.models import Dataset, Project
from projects.signals import overtaking

State = Dataset.State
WORKING = (State.UPLOADED, State.READING, State.IMPORTING)
STEPS = ("choose", "data", "check", "train", "result", "publish")


@dataclass(frozen=True)
class Step:
    """A step of the loop, or of the wizard's rail (which shows only title, url and state)."""

    title: str
    state: str  # done, now or todo
    url: str = ""
    text: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Action:
    """The one thing to do next, and why."""

    title: str
    url: str
    text: str = ""
    waiting: bool = False  # something works on it now; there is nothing to do but look
    looks: bool = False  # nothing is changed by it, so a viewer is offered it too


def link(name: str, *args: object) -> str:
    """The address of a page, or nothing where this studio does not have it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


class Place:
    """Where one project stands: its newest data, run, model and endpoint."""

    def __init__(self, project: Project) -> None:
        self.project = project

    @cached_property
    def datasets(self) -> list[Dataset]:
        found = self.project.datasets.filter(purpose="all").defer("reading", "report", "history", "guesses")
        return list(found[:20])

    @cached_property
    def newest(self) -> Dataset | None:
        return self.datasets[0] if self.datasets else None

    @cached_property
    def ready(self) -> Dataset | None:
        return next((one for one in self.datasets if one.state == State.READY), None)

    @cached_property
    def run(self) -> Any:
        return self.project.runs.only("state", "dataset_id", "progress").first()

    @cached_property
    def model(self) -> Any:
        return self.project.models.only("number").first()

    @cached_property
    def endpoint(self) -> Any:
        live = self.project.endpoints.filter(published=True).first()
        return live or self.project.endpoints.first()

    @cached_property
    def conversations(self) -> int:
        return self.endpoint.conversations.exclude(channel="try").count() if self.endpoint else 0

    @cached_property
    def corrections(self) -> int:
        """Answers that were corrected and not learned from yet."""
        if not self.endpoint:
            return 0
        feedback = "conversations__messages__feedback"
        waiting = {f"{feedback}__used_in": None, f"{feedback}__correction__gt": ""}
        return int(self.project.endpoints.filter(**waiting).values(feedback).count())

    # What comes next --------------------------------------------------------------------------------------

    @cached_property
    def action(self) -> Action:
        return self._data() or self._model() or self._publish() or self._live()

    def _data(self) -> Action | None:
        project, newest = self.project, self.newest
        if newest is None:
            return Action(_("Add data"), reverse("projects:data", args=[project.pk]), str(project.case.needs))
        page = reverse("projects:dataset", args=[newest.pk])
        if newest.state in WORKING:
            return Action(_("See how far it is"), page, _("Your data is being read."), waiting=True, looks=True)
        if newest.state == State.CHECKING:
            return Action(_("Check your data"), page, _("Your data was read. Look at it before it is used."))
        if newest.state == State.REJECTED and self.ready is None:
            return Action(_("See what is wrong"), page, _("Your data could not be used as it is."))
        return None

    def _model(self) -> Action | None:
        run, ready = self.run, self.ready
        if run is not None and run.state in ("queued", "running"):
            return Action(
                _("See the training"),
                link("training:run", run.pk),
                _("A model is being trained.") if run.state == "running" else _("A training waits for its turn."),
                waiting=True,
                looks=True,
            )
        if ready is None:
            return None
        if not ready.amounts.kept and ready.amounts.unlabelled:
            label = reverse("projects:labelling", args=[ready.pk])
            return Action(_("Label your texts"), label, _("Your texts wait for their labels."))
        missing = trainable.refusal(ready)
        if missing is not None:
            page = reverse("projects:dataset", args=[ready.pk])
            return Action(_("See what is missing"), page, str(missing.what)) if self.model is None else None
        train = link("training:new", ready.pk)
        if self.model is None and run is not None:
            return Action(_("Train again"), train, _("The last training did not end with a model."))
        if self.model is None:
            return Action(_("Train"), train, _("Your data is ready to learn from."))
        if self.better is None and run is not None and run.dataset_id != ready.pk:
            return Action(_("Train with the new data"), train, _("There is newer data than the model has seen."))
        return None

    def _publish(self) -> Action | None:
        if self.model is None or (self.endpoint and self.endpoint.published):
            return None
        if self.endpoint:
            return Action(
                _("Publish again"), link("endpoints:endpoint", self.endpoint.pk), _("It is not published now.")
            )
        return Action(
            _("See the result"), link("training:report", self.model.pk), _("Your model is trained."), looks=True
        )

    @cached_property
    def better(self) -> Action | None:
        """The newest version answers better than the one that is live."""
        if self.model is None or self.endpoint is None:
            return None
        number = max((int(said or 0) for _who, said in overtaking.send(type(self), model=self.model)), default=0)
        if not number:
            return None
        return Action(
            _("Publish the better version"),
            link("endpoints:publish", self.model.pk),
            _("Version %(new)s is better than version %(old)s, which is live.")
            % {"new": self.model.number, "old": number},
        )

    def _live(self) -> Action:
        if self.endpoint is None:
            return Action(_("Add data"), reverse("projects:data", args=[self.project.pk]))
        if self.better is not None:
            return self.better
        if self.corrections:
            text = ngettext(
                "%(n)s answer was marked wrong and corrected.",
                "%(n)s answers were marked wrong and corrected.",
                self.corrections,
            )
            page = link("endpoints:corrections", self.project.pk) or self._conversations_page()
            return Action(_("Retrain with them"), page, text % {"n": number_format(self.corrections)})
        return Action(
            _("Open the assistant"),
            link("endpoints:endpoint", self.endpoint.pk),
            _("Your assistant is live."),
            looks=True,
        )

    def _conversations_page(self) -> str:
        page = link("endpoints:conversations")
        return f"{page}?project={self.project.pk}" if page else ""

    # The loop ---------------------------------------------------------------------------------------------

    @property
    def loop(self) -> list[Step]:
        done = [bool(self.ready), bool(self.model), bool(self.endpoint and self.endpoint.published)]
        done += [bool(self.conversations), False]
        now = done.index(False)
        states = ["done" if one else ("now" if place == now else "todo") for place, one in enumerate(done)]
        parts = (self._data_part, self._model_part, self._endpoint_part, self._talk_part, self._corrections_part)
        return [part(state) for part, state in zip(parts, states, strict=True)]

    def _data_part(self, state: str) -> Step:
        url = reverse("projects:data", args=[self.project.pk])
        if self.ready:
            text = families.of_project(self.project).amount(self.ready.amounts)
        else:
            text = str(self.newest.get_state_display()) if self.newest else _("None yet")
        return Step(_("Data"), state, url, text, "database")

    def _model_part(self, state: str) -> Step:
        url, text = "", _("Not trained yet")
        if self.run is not None:
            url, text = link("training:run", self.run.pk), str(self.run.get_state_display())
        if self.model is not None and (self.run is None or not self.run.open):
            url, text = link("training:report", self.model.pk), _("Version %(n)s") % {"n": self.model.number}
        return Step(_("Model"), state, url, text, "brain-circuit")

    def _endpoint_part(self, state: str) -> Step:
        if self.endpoint is None:
            return Step(_("Assistant"), state, "", _("Not published yet"), "rocket")
        text = self.endpoint.name if self.endpoint.published else _("Not published now")
        return Step(_("Assistant"), state, link("endpoints:endpoint", self.endpoint.pk), text, "rocket")

    def _talk_part(self, state: str) -> Step:
        text = _("None yet")
        if self.conversations:
            text = ngettext("%(n)s conversation", "%(n)s conversations", self.conversations)
            text %= {"n": number_format(self.conversations)}
        url = self._conversations_page() if self.endpoint else ""
        return Step(_("Conversations"), state, url, text, "messages-square")

    def _corrections_part(self, state: str) -> Step:
        text = _("None waiting")
        if self.corrections:
            text = ngettext("%(n)s waiting", "%(n)s waiting", self.corrections) % {"n": number_format(self.corrections)}
        url = link("endpoints:corrections", self.project.pk) if self.endpoint else ""
        return Step(_("Corrections"), state, url, text, "pencil")


def rail(project: Project | None, now: str, dataset: Dataset | None = None, model: int = 0) -> list[Step]:
    """The steps of the wizard for `_stepper.html`; NOW is one of STEPS, MODEL the number of the model's row."""
    titles = (_("Choose"), _("Add data"), _("Check"), _("Train"), _("Result"), _("Publish"))
    urls = [""] * len(STEPS)
    if project is not None and project.pk:
        urls[0] = reverse("projects:project", args=[project.pk])
        urls[1] = reverse("projects:data", args=[project.pk])
    if dataset is not None:
        urls[2] = reverse("projects:dataset", args=[dataset.pk])
        urls[3] = link("training:new", dataset.pk)
    if model:
        urls[4] = link("training:report", model)
    place = STEPS.index(now)
    states = ["done" if spot < place else "now" if spot == place else "todo" for spot in range(len(STEPS))]
    return [
        Step(title, state, url if state == "done" else "")
        for title, state, url in zip(titles, states, urls, strict=True)
    ]
