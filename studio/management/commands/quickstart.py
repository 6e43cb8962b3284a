"""The wizard in one command: from a file to a model and, if asked, a published assistant. Through the wizard's own code."""

from __future__ import annotations

import json
import logging
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NotRequired, Self, TypedDict, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation

from projects import checking, claims, columns, datasets, dry_run, families, importing, item_tables, offers, uploading
from projects.columns import Played
from projects.errors import UserError, reference
from projects.formats import Reading
from projects.interactions.itemroles import ROLES as ITEM_ROLES
from projects.models import AuditEvent, Dataset, Membership, Project, Team
from projects.models.team import Role
from projects.reading import OVERRIDES
from projects.usecases import UseCase, all_use_cases, get
from projects.users import Doer
from studio.bar import Bar
from training import problems, reports, runs, tasks, wording
from training.ml.config import PRESETS
from training.ml.families import of_report
from training.ml.scores import Interval
from training.models import ModelVersion, TrainingRun
from training.reports import FamilyReport, Report

Figure = TypeVar("Figure")

logger = logging.getLogger(__name__)
OURS, THEIRS = 1, 2
READING = (Dataset.State.UPLOADED, Dataset.State.READING)


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line; what each part means stands there."""

    usecase: str
    file: Path
    items: Path | None = None
    map: Sequence[str] = ()
    test: Path | None = None
    preset: str = "balanced"
    name: str = ""
    read: Sequence[str] = ()
    accept: Sequence[str] = ()
    check: bool = False
    publish: bool = False
    json: bool = False

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Without the options that every command has."""
        return cls(**{one.name: options[one.name] for one in fields(cls)})


class Published(TypedDict):
    """Where the model answers, and with which key."""

    url: str
    chat_url: str
    model: str
    api_key: str


class Found(TypedDict):
    """What came of it, as `--json` prints it."""

    project: int
    name: str
    dataset: Mapping[str, int]
    run: Mapping[str, object]
    model: Mapping[str, object]
    scores: Mapping[str, Mapping[str, float]]
    intervals: Mapping[str, Mapping[str, list[float]]]
    tested: int
    recommend: str | None
    verdict: str
    endpoint: Published | None
    problem: NotRequired[str]


class Command(BaseCommand):
    requires_system_checks = ()
    help = "Trains on a file, as the wizard does, and publishes the result if asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("usecase", help="one of: " + ", ".join(case.slug for case in all_use_cases()))
        parser.add_argument("file", type=Path, help="a spreadsheet, CSV, JSON, Parquet or ZIP of these")
        parser.add_argument("--items", type=Path, help="the item table of a recommendation")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="ROLE=COLUMN",
            help="which column is what, given again for a role of several columns; items.ROLE=COLUMN for the item table",
        )
        parser.add_argument("--test", type=Path, help="score on this file instead of a part of FILE")
        parser.add_argument("--preset", choices=PRESETS, default="balanced")
        parser.add_argument("--name", default="", help="of the project; the file's name if not given")
        parser.add_argument(
            "--read",
            action="append",
            default=[],
            metavar="WHAT=VALUE",
            help="how to read the file, one of: " + ", ".join(OVERRIDES),
        )
        parser.add_argument(
            "--accept",
            action="append",
            default=[],
            metavar="OFFER",
            help="take what is offered for the data: its id, its kind, or all",
        )
        parser.add_argument("--check", action="store_true", help="say what was understood, and stop before training")
        parser.add_argument("--publish", action="store_true", help="publish it and make an API key")
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output")

    def handle(self, *args: object, **options: object) -> None:
        asked = Asked.of(options)
        with translation.override("en"):
            try:
                if asked.check:
                    return self.look(asked)
                # On a machine where nothing has run yet there is no database.
                call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
                found = Road(asked, Bar(sys.stderr)).walk()
            except UserError as error:
                raise CommandError(str(error), returncode=THEIRS) from error
            except (CommandError, KeyboardInterrupt):
                raise
            except Exception as error:
                ref = reference()
                logger.exception("Quickstart failed, reference %s", ref)
                raise CommandError(f"Atelier made a mistake. Reference {ref}: {error}", returncode=OURS) from error
        self.stdout.write(json.dumps(found, ensure_ascii=False) if asked.json else _told(found))
        if found.get("problem"):
            raise CommandError(found["problem"], returncode=THEIRS)

    def look(self, asked: Asked) -> None:
        """What would be learned from the file. No database is opened and nothing is left behind."""
        case = _case(asked)
        given, item_columns = _columns(case, asked.map)
        for file in (asked.file, asked.items):
            _readable(file)
        wish = dry_run.Wish(given, _overrides(asked.read), asked.accept, asked.items, item_columns)
        outcome = dry_run.run(case, asked.file, wish)
        found = outcome.to_json()
        text = json.dumps(found, ensure_ascii=False) if asked.json else json.dumps(found, ensure_ascii=False, indent=1)
        self.stdout.write(text)
        if outcome.refused:
            raise CommandError(outcome.refused, returncode=OURS if outcome.ours else THEIRS)


class Road:
    """One walk from the file to the end. Each stretch is the function that the page's button calls."""

    def __init__(self, asked: Asked, bar: Bar) -> None:
        self.asked, self.bar = asked, bar
        self.case = _case(asked)
        self.columns, self.item_columns = _columns(self.case, asked.map)
        for file in (asked.file, asked.test, asked.items):
            _readable(file)
        self.user = get_user_model()._default_manager.filter(is_active=True).order_by("pk").first()

    def walk(self) -> Found:
        project = self.make_project()
        dataset = self.bring(project, self.asked.file)
        self.offer(dataset)
        if self.asked.items:
            self.bring_items(dataset, self.asked.items)
        test = self.bring(project, self.asked.test, dataset) if self.asked.test else None
        if test:  # nothing of the first file has to be kept apart then
            self.prepare(test)
            dataset.tested_by = test
            dataset.save(update_fields=["tested_by"])
        self.prepare(dataset)
        run = self.train(dataset, test)
        model = ModelVersion.objects.select_related("evaluation", "project", "run").get(run=run)
        found = _result(project, dataset, run, model)
        if self.asked.publish:
            self.publish(model, found)
        return found

    def make_project(self) -> Project:
        name = (self.asked.name or self.asked.file.stem)[:100]
        project = Project.objects.create(
            team=_team(self.user), name=name, use_case=self.case.slug, created_by=self.user
        )
        AuditEvent.record(project.team, self.user, "project.created", name, by="quickstart")
        return project

    # Data --------------------------------------------------------------------------------------------------

    def bring(self, project: Project, file: Path, like: Dataset | None = None) -> Dataset:
        """The file as a dataset that is read: a test file where there is one LIKE which it is read, since a short file
        may not show how its dates are written. What a running worker takes first is waited for."""
        upload = uploading.store_file(project, self.user, file.name, file)
        dataset = datasets.create_dataset(
            project,
            upload,
            self.user,
            mapping=self.columns,
            overrides=_overrides(self.asked.read),
            purpose="test" if like else "all",
            choices=families.of(self.case.family).test_choices(like) if like else {},
        )
        self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        if like is not None and dataset.state == Dataset.State.CHECKING and _other_columns(dataset, like):
            checking.map_columns(dataset, self.user, like.mapping)
            self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        self._refuse_unread(dataset)
        return dataset

    def offer(self, dataset: Dataset) -> None:
        """Says how each column was understood and what is offered, and takes what was asked for."""
        for _round in range(dry_run.ROUNDS):
            if dataset.state != Dataset.State.CHECKING:
                break
            taken = offers.wanted(families.open_offers(dataset), self.asked.accept)
            if taken is None:
                break
            self.bar.say(f"Taken: {taken.title} ({taken.id})")
            if taken.overrides is not None:
                checking.read_again(dataset, self.user, taken.overrides)
            if taken.mapping is not None:
                checking.map_columns(dataset, self.user, taken.mapping)
            if taken.choices is not None:
                checking.change(dataset, taken.choices, [*dataset.history, dataset.choices])
            self.watch(dataset, lambda: importing.read(dataset), READING, "Looking at the rows again")
        for role in self.case.roles:
            if guess := dry_run.chosen(dataset, role.name):
                said = " + ".join(guess["columns"])
                self.bar.say(f"{role.name}: {said} (confidence {guess['confidence']:.2f})")
        for one in families.open_offers(dataset):
            self.bar.say(f"Offered: {one.title}. Take it with --accept {one.id}")

    def bring_items(self, dataset: Dataset, file: Path) -> None:
        """The table of items beside the log."""
        self._all_mapped(dataset)
        upload = uploading.store_file(dataset.project, self.user, file.name, file)
        item_tables.add(dataset, upload, self.user, self.item_columns)
        self.watch(dataset, lambda: importing.read(dataset), READING, f"Reading {file.name}")
        self._refuse_unread(dataset)
        if error := dataset.items_reading.get("error"):
            raise UserError(*(error.get(part, "") for part in ("what", "safe", "todo")))
        if not dataset.items_mapping.get("item"):
            names = ", ".join(Reading.from_json(dataset.items_reading).names)
            raise UserError(
                "No column of the item table was recognised as item.",
                "The files are stored.",
                f"Say which it is, for example --map items.item=COLUMN. The columns are: {names}.",
            )

    def prepare(self, dataset: Dataset) -> None:
        """Makes a read dataset ready."""
        if dataset.state == Dataset.State.CHECKING:
            self._all_mapped(dataset)
            checking.accept(dataset, self.user)
            self.watch(dataset, lambda: importing.finish(dataset), (Dataset.State.IMPORTING,), "Preparing examples")
        self._refuse_unread(dataset)

    def _refuse_unread(self, dataset: Dataset) -> None:
        if dataset.state != Dataset.State.REJECTED:
            return
        error = UserError(*(dataset.error.get(part, "") for part in ("what", "safe", "todo")))
        if dataset.error.get("ref"):  # what has a reference is our fault
            raise CommandError(str(error), returncode=OURS)
        raise error

    def watch(self, dataset: Dataset, work: Callable[[], object], states: tuple[str, ...], label: str) -> None:
        """Does the work and shows how far it is, whoever does it."""
        with self.bar.showing(lambda: (label, _progress_of(dataset), "")):
            work()
            dataset.refresh_from_db()
            while dataset.state in states:
                time.sleep(0.5)
                work()  # taken over when the worker that had it went silent
                dataset.refresh_from_db()

    def _all_mapped(self, dataset: Dataset) -> None:
        dry_run.lacking(dataset)

    # Training ----------------------------------------------------------------------------------------------

    def train(self, dataset: Dataset, test: Dataset | None) -> TrainingRun:
        run = runs.start(dataset, self.asked.preset, {}, self.user, test)
        worker = claims.me()
        try:
            with self.bar.showing(lambda: _news(run)):
                while run.open:
                    if not tasks.work(run, worker):
                        time.sleep(1)
                    run.refresh_from_db()
        except KeyboardInterrupt:
            runs.cancel(run, self.user)
            run.end(worker, TrainingRun.State.CANCELLED)
            raise CommandError("Stopped. What it learned is kept; go on from its page in the studio.", returncode=130)
        if run.state == TrainingRun.State.FAILED:
            problem = problems.worded(run)
            raise CommandError(
                " ".join(part for part in (problem.what, problem.safe, problem.todo) if part),
                returncode=OURS if run.error.get("code") == "unexpected" else THEIRS,
            )
        if run.state != TrainingRun.State.SUCCEEDED:
            raise UserError("The training was cancelled.", "Its last checkpoint is kept.")
        return run

    # Publishing --------------------------------------------------------------------------------------------

    def publish(self, model: ModelVersion, found: Found) -> None:
        """An endpoint and a key; when that fails the model is still there, so the rest is printed all the same."""
        from endpoints import publishing
        from studio.lending import an_engine

        self.bar.say("Publishing")
        try:
            with an_engine():
                endpoint = publishing.publish(model, self.user)
            _key, secret = publishing.issue_key(endpoint, self.user, "quickstart")
        except UserError as error:
            found["problem"] = str(error)
            return
        chat = _address("endpoints:chat", endpoint.slug) or f"/chat/{endpoint.slug}/"
        site = settings.SITE_URL
        found["endpoint"] = {
            "url": f"{site}/v1",
            "chat_url": f"{site}{chat}",
            "model": endpoint.slug,
            "api_key": secret,
        }


# What was asked --------------------------------------------------------------------------------------------


def _case(asked: Asked) -> UseCase:
    try:
        case = get(asked.usecase)
    except KeyError as error:
        raise UserError(str(error.args[0])) from error
    if asked.items and not families.of(case.family).takes_items:
        raise UserError(f"{case.slug} does not use an item table.", "", "Leave out --items.")
    return case


def _columns(case: UseCase, pairs: Sequence[str]) -> tuple[dict[str, Played], dict[str, str]]:
    """Role → columns of the file, and of the item table where the role is written items.ROLE."""
    given: dict[str, list[str]] = {}
    of_items: dict[str, str] = {}
    for pair in pairs:
        role, equals, column = pair.partition("=")
        known = {one.name: one for one in case.roles}
        if not equals or not column:
            raise UserError(
                f"--map {pair} cannot be read.", "", f"Write --map ROLE=COLUMN, such as {next(iter(known))}=Text."
            )
        if families.of(case.family).takes_items and role.startswith("items."):
            of_items[_item_role(role.removeprefix("items."))] = column
            continue
        if role not in known:
            raise UserError(f"{case.slug} has no role {role}.", "", f"Its roles are: {', '.join(known)}.")
        given.setdefault(role, []).append(column)
        if len(given[role]) > 1 and not known[role].several:
            raise UserError(f"{role} has one column.", "", f"Leave out --map {pair}, or the one before it.")
    return {role: columns.stored(names) for role, names in given.items()}, of_items


def _overrides(pairs: Sequence[str]) -> dict[str, object]:
    """How the person wants the file to be read."""
    found: dict[str, object] = {}
    team: list[str] = []
    for pair in pairs:
        name, _equals, value = pair.partition("=")
        if name not in OVERRIDES or not value:
            todo = f"Write --read WHAT=VALUE with one of: {', '.join(OVERRIDES)}."
            raise UserError(f"--read {pair} cannot be read.", "", todo)
        if name == "header_row" and not value.isdecimal():
            raise UserError(f"--read {pair} needs a number.", "", "0 means that there is no header.")
        if name == "team":  # said once for each of several speakers
            team.append(value)
            found["team"] = team
            continue
        flag = name in ("as_table", "as_written", "rest_is_text")
        found[name] = int(value) if name == "header_row" else True if flag else value.replace("\\t", "\t")
    return found


def _item_role(role: str) -> str:
    known = [one.name for one in ITEM_ROLES]
    if role not in known:
        raise UserError(f"An item table has no role {role}.", "", f"Its roles are: {', '.join(known)}.")
    return role


def _readable(file: Path | None) -> None:
    if file is not None and not file.is_file():
        raise UserError(f"There is no file {file}.", "", "Check the path.")


def _team(user: Doer) -> Team:
    """The first team of the first person; on a fresh machine a team that the first account will own."""
    if not isinstance(user, AbstractBaseUser):
        return Team.objects.filter(memberships=None).first() or Team.objects.create(name="Studio")
    own = Membership.objects.filter(user=user.pk, role__in=(Role.OWNER, Role.EDITOR)).order_by("pk").first()
    if own is None:
        team = Team.objects.create(name="Studio")
        Membership.objects.create(team=team, user_id=user.pk, role=Role.OWNER)
        return team
    return own.team


def _names(dataset: Dataset) -> list[str]:
    return Reading.from_json(dataset.reading).names if dataset.reading else []


def _other_columns(dataset: Dataset, like: Dataset) -> bool:
    """Whether the guess differs from the first file's columns although this file has them too."""
    wanted = set(columns.used(like.mapping))
    return dataset.mapping != like.mapping and wanted <= set(_names(dataset))


# What is told ----------------------------------------------------------------------------------------------


def _progress_of(dataset: Dataset) -> float:
    return Dataset.objects.filter(pk=dataset.pk).values_list("progress", flat=True).first() or 0.0


def _news(run: TrainingRun) -> tuple[str, float, str]:
    row = TrainingRun.objects.filter(pk=run.pk).values_list("phase", "progress", "seconds_left").first()
    phase, progress, left = row or ("", 0.0, None)
    return wording.phase(phase), progress, wording.left(left)


def _result(project: Project, dataset: Dataset, run: TrainingRun, model: ModelVersion) -> Found:
    stored = model.evaluation.report
    family, report = reports.of(of_report(stored)), model.evaluation.measured
    verdict = family.verdict(report)
    ended = run.finished or timezone.now()
    began = run.started or ended
    counts = dataset.amounts
    return {
        "project": project.pk,
        "name": project.name,
        "dataset": {"rows": counts.rows, "kept": counts.kept, "dropped": counts.dropped},
        "run": {"id": run.pk, "status": run.state, "seconds": round((ended - began).total_seconds(), 1)},
        "model": {"id": model.pk, "path": str(model.folder)},
        "scores": _scores(family, report, lambda found: found.mean),
        "intervals": _scores(family, report, lambda found: [found.low, found.high]),
        "tested": len(report.rows),
        "recommend": verdict.recommend if verdict else None,
        "verdict": verdict.text if verdict else "",
        "endpoint": None,
    }


def _scores(
    family: FamilyReport[Report], report: Report, part: Callable[[Interval], Figure]
) -> dict[str, dict[str, Figure]]:
    scores = report.scores
    return {
        name: {system: part(scores[system][metric]) for system in family.SYSTEMS if metric in scores.get(system, {})}
        for metric, name in family.CONTRACT.items()
    }


def _told(found: Found) -> str:
    lines = [found["verdict"], ""]
    for metric, values in found["scores"].items():
        lines.append(f"{metric}: " + ", ".join(f"{system} {value:.3f}" for system, value in values.items()))
    lines += ["", f"Model: {found['model']['path']}"]
    if found["endpoint"]:
        about = found["endpoint"]
        lines += [f"Chat: {about['chat_url']}", f"API: {about['url']}, model {about['model']}, key {about['api_key']}"]
    return "\n".join(lines)


def _address(name: str, *args: object) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
