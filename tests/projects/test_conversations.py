"""Conversations are read as conversations: who asked, who answered, every exchange; never as a table of dates and names."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest

from projects import dry_run, reading, refusals, rows
from projects.errors import UserError
from projects.usecases import get
from tests.data import case

ASKED = ["Haben Sie die blaue Jacke in M?", "¿Cuándo abren el domingo?", "鞋子可以退吗？", "Do you repair zips?"]
SAID = ["Ja, zwei Stück sind noch da.", "Los domingos no abrimos.", "可以，三十天内带小票。", "Yes, it takes a week."]
PAIRS = list(zip(ASKED, SAID, strict=True))


def read(folder, name, data, overrides=None):
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    out = folder / "rows.sqlite3"
    result = reading.load_rows(path, name, reading.detect(path, name, overrides), out, lambda *_: None)
    place = [result.reading.names.index(one) for one in ("question", "answer")]
    return result.reading, [tuple(row[2][at] for at in place) for row in rows.page(out, limit=1_000)]


def table(header, lines):
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    return text.getvalue()


WHATSAPP = {
    "German, an iPhone": "[01.03.26, 13:0{n}:00] Anna: {q}\n[01.03.26, 13:0{n}:30] Laden Nord: {a}\n"
    "\u200e[01.03.26, 13:0{n}:40] Laden Nord: \u200eBild weggelassen\n",
    "Spanish, 24 hours": "1/3/26, 13:0{n} - Lucía: {q}\n1/3/26, 13:0{n} - Tienda: {a}\n1/3/26, 13:0{n} - Tienda: <Multimedia omitido>\n",
    "Chinese, with halves of the day": "2026/3/1 下午1:0{n} - 小林: {q}\n2026/3/1 下午1:0{n} - 客服小王: {a}\n2026/3/1 下午1:0{n} - 客服小王: <省略多媒体文件>\n",
    "American": "3/1/26, 1:0{n}\u202fPM - Joe Doe: {q}\n3/1/26, 1:0{n}\u202fPM - Shop: {a}\n3/1/26, 1:0{n}\u202fPM - Shop: <Media omitted>\n",
}


@pytest.mark.parametrize("form", WHATSAPP.values(), ids=WHATSAPP.keys())
def test_it_reads_whatsapp_in_the_ways_of_the_world(tmp_path, form):
    first = form.partition(" ")[0].replace("{n}", "0")
    system = "1/3/26, 9:00 - Messages are end-to-end encrypted.\n" if first[0] == "1" else ""
    text = system + "".join(form.format(n=n, q=f"{q}\nDanke", a=a) for n, (q, a) in enumerate(PAIRS))
    found, pairs = read(tmp_path, "chat.txt", text)
    assert found.format == "whatsapp"
    assert pairs == [(f"{q}\nDanke", a) for q, a in PAIRS]
    assert found.talk.left_out["media"] == 4
    assert found.talk.confidence >= 0.6


def test_it_reads_wechat(tmp_path):
    lines = []
    for n, (q, a) in enumerate(PAIRS):
        lines += [
            f"小林 2026-03-01 10:0{n}:00",
            q,
            "",
            f"在线客服 2026-03-01 10:0{n}:30",
            a,
            "",
            f"在线客服 2026-03-01 10:0{n}:40",
            "[图片]",
            "",
        ]
    found, pairs = read(tmp_path, "chat.txt", "\n".join(lines))
    assert (found.format, pairs) == ("wechat", PAIRS)


def test_it_reads_discord_by_its_references(tmp_path):
    messages = []
    for n, (q, _a) in enumerate(PAIRS):
        when = f"2026-03-01T10:0{n}:00+00:00"
        messages.append(
            {"id": f"1{n}", "type": "Default", "timestamp": when, "content": q, "author": {"name": f"anna{n}"}}
        )
    for n, (_q, a) in enumerate(PAIRS):
        reply = {"messageId": f"1{n}"}
        messages.append({"id": f"2{n}", "type": "Reply", "timestamp": "2026-03-01T11:00:00+00:00", "content": a,
                         "author": {"name": "mara"}, "reference": reply})  # fmt: skip
    document = {"guild": {"id": "1"}, "channel": {"id": "2"}, "messages": messages}
    found, pairs = read(tmp_path, "channel.json", json.dumps(document, indent=1))
    assert found.format == "discord"
    assert sorted(pairs) == sorted(PAIRS)
    assert found.talk.team == ["mara"]


def test_it_reads_a_telegram_page(tmp_path):
    parts = [
        '<!DOCTYPE html><html><body><div class="history"><div class="message service" id="m0"><div class="body details">1 March</div></div>'
    ]
    for n, (q, a) in enumerate(PAIRS):
        for who, text in ((f"Anna {n}", q), ("Shop", a)):
            parts.append(f'<div class="message default clearfix" id="x{n}{who[0]}"><div class="body"><div class="pull_right date details" '
                         f'title="01.03.2026 10:0{n}:00 UTC+01:00">10:00</div><div class="from_name">{who}</div><div class="text">{text}</div></div></div>')  # fmt: skip
    found, pairs = read(tmp_path, "messages.html", "".join(parts) + "</div></body></html>")
    assert (found.format, pairs) == ("telegram_page", PAIRS)


def test_it_reads_a_mailbox_without_what_is_quoted(tmp_path):
    mails = []
    for n, (q, a) in enumerate(PAIRS):
        head = "From x@y Sun Mar 01 10:00:00 2026\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
        mails.append(f"{head}From: Kunde <kunde{n}@example.org>\nTo: shop@example.com\nSubject: Frage {n}\nMessage-ID: <q{n}@x>\n"
                     f"Date: Sun, 01 Mar 2026 10:0{n}:00 +0000\n\n{q}\n\n")  # fmt: skip
        mails.append(f"{head}From: Shop <shop@example.com>\nTo: kunde{n}@example.org\nSubject: Re: Frage {n}\nMessage-ID: <a{n}@x>\n"
                     f"In-Reply-To: <q{n}@x>\nDate: Sun, 01 Mar 2026 11:0{n}:00 +0000\n\n{a}\n\nAm 01.03.2026 schrieb Kunde:\n> {q}\n\n")  # fmt: skip
    found, pairs = read(tmp_path, "box.mbox", "".join(mails))
    assert found.format == "mail"
    assert pairs == [(f"Frage {n}\n{q}", a) for n, (q, a) in enumerate(PAIRS)]


def test_it_reads_a_slack_archive_as_one_conversation_with_names(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("users.json", json.dumps([{"id": "U9", "real_name": "Berta"}, {"id": "U1", "name": "kim"}]))
        asks = [
            {"type": "message", "user": "U1", "text": q, "ts": f"17723000{n}0.0001", "thread_ts": f"17723000{n}0.0001"}
            for n, q in enumerate(ASKED)
        ]
        says = [
            {"type": "message", "user": "U9", "text": a, "ts": f"17723900{n}0.0001", "thread_ts": f"17723000{n}0.0001"}
            for n, a in enumerate(SAID)
        ]
        archive.writestr("hilfe/2026-03-01.json", json.dumps(asks))
        archive.writestr("hilfe/2026-03-02.json", json.dumps(says))
    found, pairs = read(tmp_path, "again.zip", path.read_bytes())
    assert (pairs, found.talk.team) == (PAIRS, ["Berta"])
    assert len(found.joined) == 2
    assert [one.facts["names"] for one in found.warnings if one.code == "members_left"] == [["users.json"]]


@pytest.mark.parametrize(
    ("asks", "says"), [("Kunde", "Berater"), ("Cliente", "Agente"), ("客户", "客服"), ("Customer", "Agent")]
)
@pytest.mark.parametrize("between", ["\n", "  "])
def test_it_cuts_a_transcript_in_a_cell(tmp_path, asks, says, between):
    lines = [[n, f"{asks}: {q}{between}{says}: {a}"] for n, (q, a) in enumerate(PAIRS)]
    _found, pairs = read(tmp_path, "calls.csv", table(["nr", "verlauf"], lines))
    assert pairs == PAIRS


@pytest.mark.parametrize(
    ("header", "asks", "says"),
    [
        (["vorgang", "nr", "sprecher", "nachricht"], "Kundin", "Mitarbeiter"),
        (["会话编号", "轮次", "角色", "消息内容"], "用户", "客服"),
        (["conversation_id", "turn", "direction", "text"], "inbound", "outbound"),
        (["chat_id", "turn", "is_agent", "text"], "false", "true"),
    ],
)
def test_it_groups_turns_in_any_order(tmp_path, header, asks, says):
    lines = [[n, 1, asks, q] for n, q in enumerate(ASKED)] + [[n, 2, says, a] for n, a in enumerate(SAID)]
    found, pairs = read(tmp_path, "turns.csv", table(header, lines))
    assert (found.talk.form, pairs) == ("turns_table", PAIRS)


SHAPES = {
    "parts": lambda q, a: {"contents": [{"role": "user", "parts": [{"text": q}]}, {"role": "model", "parts": [{"text": a}]}]},
    "sharegpt": lambda q, a: {"conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]},
    "bare list": lambda q, a: [{"role": "user", "content": q}, {"role": "assistant", "content": a}],
    "not to be learned": lambda q, a: {"messages": [
        {"role": "user", "content": "Hola"}, {"role": "assistant", "content": "¡Hola!", "weight": 0},
        {"role": "user", "content": q}, {"role": "assistant", "content": a, "weight": 1}]},
    "tools": lambda q, a: {"messages": [
        {"role": "user", "content": q}, {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": "{}"}, {"role": "assistant", "content": a}]},
    "better and worse": lambda q, a: {"prompt": q, "chosen": a, "rejected": "Nein."},
    "better and worse turns": lambda q, a: {
        "chosen": [{"role": "user", "content": q}, {"role": "assistant", "content": a}],
        "rejected": [{"role": "user", "content": q}, {"role": "assistant", "content": "No."}]},
    "both in one": lambda q, a: {"conversation": [{"human": q, "assistant": a}]},
    "a tree of replies": lambda q, a: {"message_tree_id": "t", "prompt": {"text": q, "role": "prompter", "replies": [
        {"text": "Better not.", "role": "assistant", "rank": 1, "replies": []},
        {"text": a, "role": "assistant", "rank": 0, "replies": [{"text": "Danke", "role": "prompter", "replies": []}]}]}},
    "tickets": lambda q, a: {"id": 1, "source": {"body": f"<p>{q}</p>"}, "conversation_parts": {"conversation_parts": [
        {"part_type": "note", "body": "intern", "author": {"type": "admin"}},
        {"part_type": "comment", "body": f"<p>{a}</p>", "author": {"type": "admin"}}]}},
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_it_reads_chat_records_of_every_shape(tmp_path, shape):
    lines = [json.dumps(shape(q, a), ensure_ascii=False) for q, a in PAIRS]
    assert read(tmp_path, "chats.jsonl", "\n".join(lines))[1] == PAIRS
    assert read(tmp_path, "chats.json", f"[{','.join(lines)}]")[1] == PAIRS


def test_of_several_answers_that_were_ranked_the_best_is_learned(tmp_path):
    lines = []
    for n, (q, a) in enumerate(PAIRS):
        lines.append([f"q{n}", None, q, "prompter", None, n])
        lines += [
            [f"a{n}{rank}", f"q{n}", text, "assistant", rank, n] for rank, text in ((1.0, "Better not."), (0.0, a))
        ]
    header = ("message_id", "parent_id", "text", "role", "rank", "message_tree_id")
    rows = [json.dumps(dict(zip(header, line, strict=True))) for line in lines]
    found, pairs = read(tmp_path, "messages.jsonl", "\n".join(rows))
    assert (pairs, found.talk.left_out) == (PAIRS, {"other_answer": 4})


@pytest.mark.parametrize("written", [json.dumps, repr], ids=["JSON", "Python"])
def test_it_reads_chat_records_in_a_cell(tmp_path, written):
    lines = [
        [n, written([{"role": "user", "content": q}, {"role": "assistant", "content": a}])]
        for n, (q, a) in enumerate(PAIRS)
    ]
    assert read(tmp_path, "chats.csv", table(["id", "messages"], lines))[1] == PAIRS


def test_it_gives_every_pattern_a_row(tmp_path):
    document = {"intents": [{"tag": "hours", "patterns": ["Wann offen?", "几点开门"], "responses": ["9 bis 6", "x"]}]}
    assert read(tmp_path, "intents.json", json.dumps(document))[1] == [
        ("Wann offen?", "9 bis 6"),
        ("几点开门", "9 bis 6"),
    ]


def test_a_person_says_who_the_team_is(tmp_path):
    text = "".join(f"1/3/26, 13:0{n} - Ana: {q}\n1/3/26, 13:0{n} - Eva: {a}\n" for n, (q, a) in enumerate(PAIRS))
    assert read(tmp_path, "a.txt", text)[0].talk.team == ["Eva"]
    found, pairs = read(tmp_path, "b.txt", text, {"team": ["Ana"]})
    assert found.talk.team == ["Ana"]
    assert pairs == [(SAID[n], ASKED[n + 1]) for n in range(3)]


def test_it_keeps_a_table_of_texts_and_labels_a_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(table(["text", "label"], [[q, ("agent", "customer")[n % 2]] for n, q in enumerate(ASKED)]))
    assert reading.detect(path, "x.csv").talk is None


def test_a_conversation_without_answers_is_refused_by_name(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("3/1/26, 1:00 PM - Ana: Hello?\n3/1/26, 1:01 PM - Ana: Anybody?\n3/1/26, 1:02 PM - Ana: Bye\n")
    with pytest.raises(UserError, match=r"conversation.*nobody in it answers"):
        reading.detect(path, "x.txt")


# JSON and archives -------------------------------------------------------------------------------------------

DOCUMENTS = {
    "by columns": {"question": ASKED, "answer": SAID},
    "by columns and number": {"question": dict(enumerate(ASKED)), "answer": dict(enumerate(SAID))},
    "by number": {str(n): {"question": q, "answer": a} for n, (q, a) in enumerate(PAIRS)},
    "answers by question": dict(PAIRS),
    "answers by question inside": {"faq": dict(PAIRS)},
    "split": {"columns": ["question", "answer"], "data": PAIRS},
    "header first": [["question", "answer"], *PAIRS],
    "edges": {"data": {"faqs": {"edges": [{"node": {"question": q, "answer": a}} for q, a in PAIRS]}}},
    "two lists": {"tags": [{"id": n} for n in range(9)], "faqs": [{"question": q, "answer": a} for q, a in PAIRS]},
}


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_it_reads_json_in_its_simple_shapes(tmp_path, document):
    assert read(tmp_path, "x.json", json.dumps(document, indent=1, ensure_ascii=False))[1] == PAIRS


def test_it_reads_documents_that_follow_each_other_and_lines_with_commas(tmp_path):
    records = [{"question": q, "answer": a} for q, a in PAIRS]
    assert read(tmp_path, "x.json", "\n".join(json.dumps(one, indent=1) for one in records))[1] == PAIRS
    assert read(tmp_path, "y.json", ",\n".join(json.dumps(one) for one in records) + ",\n")[1] == PAIRS


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('// notes\n{"a": 1}', "json_comments"), ('{"a": "b",\n // x\n "c": [', "json_comments"),
        ('{"a": {"b": ' * 900 + "1" + "}}" * 900, "too_deep"), ('{"a": ' * 70 + "1" + "}" * 70, "too_deep"),
    ],
)  # fmt: skip
def test_it_refuses_json_with_a_sentence(tmp_path, text, code):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(refusals.ReadingError) as caught:
        reading.detect(path, "x.json")
    assert caught.value.code == code


def test_it_reads_all_files_of_one_shape_in_an_archive(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jan.csv", table(["question", "answer"], PAIRS[:2]))
        archive.writestr("feb.csv", table(["Answer", "Question"], [(a, q) for q, a in PAIRS[2:]]))
        archive.writestr("readme.txt", "Nothing here but words. " * 30)
    found, pairs = read(tmp_path, "y.zip", path.read_bytes())
    assert sorted(pairs) == sorted(PAIRS)
    assert found.joined == sorted(found.joined, key=lambda name: name != found.member)
    assert read(tmp_path, "z.zip", path.read_bytes(), {"member": "jan.csv"})[1] == PAIRS[:2]


def test_it_reads_the_largest_table_of_a_web_page(tmp_path):
    cells = "".join(f"<tr><td>{q}<td>{a}</tr>" for q, a in PAIRS)
    page = f"<html><table><tr><td>Menu</td></tr></table><table><tr><th>question<th>answer</tr>{cells}</table></html>"
    found, pairs = read(tmp_path, "x.xls", page)
    assert (found.format, pairs) == ("html", PAIRS)


# Through the door --------------------------------------------------------------------------------------------

RIGHT = {
    "whatsapp_export/whatsapp_android.txt": 60, "telegram_json/telegram_result.json": 60,
    "slack_thread_json/slack_2026-03-01.json": 49, "zip_of_same_shaped_files/slack_export.zip": 98,
    "turns_in_cell/transcript_cell.csv": 80, "turns_table/transcripts.csv": 60, "chat_parts/openai_ft_parts.jsonl": 60,
    "chat_tools/openai_ft_tools.jsonl": 60, "chat_top_level_list/j_conv_pair.jsonl": 42,
    "chat_in_csv_cell/sharegpt_in_csv.csv": 60, "chat_greets_first/j_same_first.jsonl": 84,
    "json_columns/sharegpt_columns.json": 60, "json_columns/j_pretty_concat.json": 42,
    "json_simple_forms/j_dict_pairs.json": 42, "json_simple_forms/j_split_orient.json": 42,
    "json_simple_forms/j_lines_commas.json": 42, "list_of_categories_first/j_two_lists.json": 42,
    "patterns_and_responses/intents.json": 60, "answer_is_a_link/zendesk.json": 80,
}  # fmt: skip


@pytest.mark.parametrize(("name", "count"), RIGHT.items())
def test_it_understands_the_cases_of_the_trade(name, count):
    told = dry_run.run(get("support_bot"), case(name), dry_run.Wish()).to_json()
    assert told["refused"] is None
    assert (told["mapping"]["question"]["column"], told["mapping"]["answer"]["column"]) == ("question", "answer")
    assert told["rows"] == count


def test_what_was_said_before_goes_into_the_example(tmp_path):
    lines = []
    for n, (q, a) in enumerate(PAIRS):
        turns = [
            ("user", "Hallo"),
            ("assistant", "Guten Tag"),
            ("user", q),
            ("assistant", a),
            ("user", f"Und {n}?"),
            ("assistant", f"Nein, {n}."),
        ]
        lines.append(json.dumps({"messages": [{"role": role, "content": text} for role, text in turns]}))
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(lines))
    told = dry_run.run(get("support_bot"), path, dry_run.Wish()).to_json()
    assert (told["kept"], told["dropped"]) == (9, {"duplicate": 3})
    asked = next(one for one in told["first"] if one["question"] in ASKED)
    before = [one["content"] for one in asked["messages"]]
    assert before == ["Hallo", "Guten Tag", asked["question"], asked["answer"]]


def test_it_stops_where_nobody_knows_who_answers(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("".join(f"1/3/26, 13:0{n} - {who}: Das ist Satz {n}\n" for n, who in enumerate(["Ana", "Eva"] * 3)))
    told = dry_run.run(get("support_bot"), path, dry_run.Wish()).to_json()
    assert "answer" in told["refused"]
    again = dry_run.run(get("support_bot"), path, dry_run.Wish(overrides={"team": ["Eva"]})).to_json()
    assert again["rows"] == 3


def test_answers_that_people_turned_down_are_not_learned(tmp_path):
    asked = [f"Where is order {n}?" for n in range(60)]
    lines = [
        {"prompt": q, "completion": f"Day {n}." if n % 2 else "Go away.", "label": bool(n % 2)}
        for n, q in enumerate(asked)
    ]
    found, pairs = read(tmp_path, "kto.jsonl", "\n".join(map(json.dumps, lines)))
    assert [answer for _question, answer in pairs if answer] == [f"Day {n}." for n in range(1, 60, 2)]
    assert len(pairs) == 60  # the questions stay, for whoever sorts them by topic
    assert found.talk.left_out == {"other_answer": 30}
    votes = [(q, f"Day {n}.", ("👍", "👎", "")[n % 3]) for n, q in enumerate(asked)]
    found, pairs = read(tmp_path, "votes.csv", table(("question", "answer", "feedback"), votes))
    assert sum(answer is not None for _question, answer in pairs) == 40
    assert "feedback" in found.names


def test_it_cuts_transcripts_with_roles_in_brackets_and_with_tags(tmp_path):
    names = ("Anna Keller", "Ben Carter", "Chen Jing", "Dana Novak")
    lines = [
        (n, f"(10:01:02) {names[n % 4]}: Where is order {n}?\n(10:01:40) Ola (Support): It comes on day {n}.")
        for n in range(40)
    ]
    found, pairs = read(tmp_path, "chats.csv", table(("chat", "conversation"), lines))
    assert pairs[3] == ("Where is order 3?", "It comes on day 3.")
    assert found.talk.team == ["Ola"]
    lines = [(n, f"<b>Visitor 12</b>: Where is order {n}?<br><b>Agent Ola</b>: On day {n}.") for n in range(40)]
    _found, pairs = read(tmp_path, "tags.csv", table(("ticket", "transcript"), lines))
    assert pairs[3] == ("Where is order 3?", "On day 3.")


@pytest.mark.parametrize(
    "head", ["[3/{n}/2026 10:{n} AM] {who}", "{who}  3/{n}/26, 1:{n} PM", "{who} [{n}.03.2026 13:{n}]"]
)
def test_it_reads_chats_with_a_date_in_the_order_of_any_country(head, tmp_path):
    lines = [
        f"{head.format(n=n, who=who)}\n{said} {n}\n"
        for n in range(10, 29)
        for who, said in (("Anna Keller", "Where is order"), ("Help Desk", "It comes on day"))
    ]
    found, pairs = read(tmp_path, "teams.txt", "\n".join(lines))
    assert pairs[0] == ("Where is order 10", "It comes on day 10")
    assert (len(pairs), found.talk.team) == (19, ["Help Desk"])


LINE = {
    "English": ("[LINE] Chat history with Anna\nSaved on: 2026/03/09 10:00\n\n", "2026/03/0{d} Sunday", "10:0{n}", "Anna", "Shop", "[Photo]", "10:09\tAnna unsent a message."),
    "Japanese": ("[LINE] 田中とのトーク履歴\n保存日時：2026/03/09 10:00\n\n", "2026/03/0{d}(日)", "午前10:0{n}", "田中", "店舗", "[スタンプ]", "午後1:09\t田中がメッセージの送信を取り消しました"),
    "Chinese": ("[LINE] 與小林的聊天記錄\n儲存日期： 2026/03/09 10:00\n\n", "2026/03/0{d}（週日）", "上午10:0{n}", "小林", "客服", "[貼圖]", "下午1:09\t小林已收回訊息"),
}  # fmt: skip


@pytest.mark.parametrize("form", LINE.values(), ids=LINE)
def test_it_reads_line_with_its_days_and_lines_in_quotes(tmp_path, form):
    head, day, time, who, shop, media, system = form
    lines = []
    for n, (q, a) in enumerate(PAIRS):
        at = time.format(n=n)
        lines += [
            day.format(d=n + 1),
            f"{at}\t{who}\t{q}",
            f'{at}\t{shop}\t"{a}',
            'Danke"',
            f"{at}\t{shop}\t{media}",
            system,
            "",
        ]
    found, pairs = read(tmp_path, "[LINE]chat.txt", head + "\n".join(lines), {"team": [shop]})
    assert (found.format, found.talk.left_out) == ("line", {"media": 4, "system": 4})
    assert pairs == [(q, f"{a}\nDanke") for q, a in PAIRS]


def test_it_reads_every_chat_of_a_telegram_account(tmp_path):
    def said(number, who, text):
        return {"id": number, "type": "message", "date": f"2026-03-01T10:{number % 60:02d}:00", "from": who,
                "from_id": f"user{who}", "text": text, "text_entities": []}  # fmt: skip

    def chat(n, q, a):
        # Numbers go up over all chats: that they begin again says nothing about where a chat ends.
        last = said(10 * n + 3, f"Anna {n}", "I am still waiting, is anybody there?")
        return {"name": f"Anna {n}", "type": "personal_chat", "id": n,
                "messages": [said(10 * n + 1, f"Anna {n}", q), said(10 * n + 2, "Shop", a), last]}  # fmt: skip

    chats = [chat(n, q, a) for n, (q, a) in enumerate(PAIRS)]
    chats[1]["messages"].insert(0, said(9, "Shop", "Hello Anna 1, this belongs to no question of Anna 0."))
    people = [
        {"user_id": n, "first_name": f"Somebody with a long name {n}", "phone_number": "0" * 40} for n in range(4_000)
    ]
    document = {
        "about": "Here is the data you requested.",
        "personal_information": {"user_id": 1, "first_name": "Shop"},
        "contacts": {"about": "", "list": people},
        "chats": {"about": "", "list": chats[:3]},
        "left_chats": {"about": "", "list": chats[3:]},
    }
    for contacts in (people, people[:50], []):
        document["contacts"]["list"] = contacts
        found, pairs = read(tmp_path, "result.json", json.dumps(document))
        assert (found.format, found.talk.team, found.talk.conversations) == ("telegram", ["Shop"], 4)
        assert sorted(pairs) == sorted(PAIRS)


def intercom(n, first, second, program="bot"):
    def part(kind, text):
        return {"part_type": "comment", "body": f"<p>{text}</p>", "author": {"type": kind, "id": kind, "name": "Fin"}}

    q, a = PAIRS[n % 4]
    opening = {"type": "conversation", "author": {"type": program, "id": "b"}, "body": f"<p>{first}</p>"}
    parts = [part("user", f"{q} {n}"), part(program, second), part("admin", f"{a} {n}")]
    return {"type": "conversation", "id": str(n), "source": opening,
            "conversation_parts": {"type": "list", "conversation_parts": parts}}  # fmt: skip


def test_it_learns_nothing_from_what_a_program_says_in_every_conversation(tmp_path):
    some = [intercom(n, "Hi there! How can we help?", "Thanks, a colleague will be with you.") for n in range(20)]
    found, pairs = read(tmp_path, "intercom.json", json.dumps({"conversations": some}))
    assert pairs == [(f"{PAIRS[n % 4][0]} {n}", f"{PAIRS[n % 4][1]} {n}") for n in range(20)]
    assert found.talk.left_out == {"automatic": 40}


def test_it_learns_what_a_person_or_a_program_answers_now_and_then(tmp_path):
    some = [intercom(n, "Hi there!", f"Our page has more about {n}.") for n in range(20)]
    _found, pairs = read(tmp_path, "intercom.json", json.dumps({"conversations": some}))
    assert pairs[3][1] == f"Our page has more about 3.\n{PAIRS[3][1]} 3"
    some = [intercom(n, "Hello", "Thank you for waiting.", "admin") for n in range(20)]
    _found, pairs = read(tmp_path, "intercom.json", json.dumps({"conversations": some}))
    assert pairs[3][1] == f"Thank you for waiting.\n{PAIRS[3][1]} 3"


def test_it_leaves_the_greeting_of_a_program_out_of_a_table_of_turns(tmp_path):
    rows = []
    for n in range(20):
        q, a = PAIRS[n % 4]
        rows += [(n, "Shopbot", "Welcome! What can we do for you?"), (n, "Customer", f"{q} {n}"),
                 (n, "Shopbot", "One moment, please."), (n, "Agent", f"{a} {n}")]  # fmt: skip
    found, pairs = read(tmp_path, "turns.csv", table(["conversation_id", "speaker", "message"], rows))
    assert pairs == [(f"{PAIRS[n % 4][0]} {n}", f"{PAIRS[n % 4][1]} {n}") for n in range(20)]
    assert found.talk.left_out == {"automatic": 40}
