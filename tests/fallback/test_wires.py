"""The two wire formats: what is asked is what each provider documents, and what comes back is read."""

# ruff: noqa: E501 - streams as servers send them
from __future__ import annotations

import json
from typing import Any

import pytest

from edge.errors import RemoteUnavailable
from edge.fallback import wire_anthropic, wire_openai
from edge.fallback.chat import Call, Chat, Delta, Finished, Message, Picture, Text, Usage
from edge.fallback.rows import Row
from edge.reasoning.tools import tool
from tests.fallback.rows import ROW, changed

TIMER = tool("timer", "count down", {"minutes": "integer?", "sound": "bell|none"})
CHAT = Chat(
    (
        Message("system", "Be short."),
        Message("user", "hello"),
        Message("assistant", "", calls=(Call("c1", "timer", {"minutes": 3}, {"extra_content": {"google": {"thought_signature": "S"}}}),)),
        Message("tool", "done", answers="c1"),
        Message("user", "what is this", (Picture(b"\xff\xd8jpeg"),)),
    ),
    (TIMER,),
    200,
)  # fmt: skip
OPENAI = """: keep-alive

data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}

data: {"id":"1","choices":[{"index":0,"delta":{"content":"Grüße "},"finish_reason":null}]}

data: {"id":"1","choices":[{"index":0,"delta":{"content":"aus Köln 🙂"},"finish_reason":null}]}

data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: {"id":"1","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":16}}}

data: [DONE]

"""
CALLS = """data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"timer","arguments":""}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"minu"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"tes\\": 5}"}}]}}]}

data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

"""
GEMINI = """data: {"choices":[{"delta":{"tool_calls":[{"id":"g","type":"function","function":{"name":"timer","arguments":"{\\"minutes\\":5}"},"extra_content":{"google":{"thought_signature":"abc"}}}]},"finish_reason":"tool_calls"}]}

"""
ANTHROPIC = """event: message_start
data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[],"usage":{"input_tokens":25,"cache_read_input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"timer","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"minutes\\":"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":" 4}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":15}}

event: message_stop
data: {"type":"message_stop"}

"""


def deltas(wire: Any, text: str) -> list[Delta]:
    reader = wire.Reader()
    told = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [d for data in told for d in reader.read(data)] + list(reader.end())


def test_openai_words_usage_and_end_are_read() -> None:
    assert deltas(wire_openai, OPENAI) == [Text("Grüße "), Text("aus Köln 🙂"), Usage(20, 5, 16), Finished("stop")]


def test_an_openai_call_in_pieces_is_joined() -> None:
    assert deltas(wire_openai, CALLS) == [Call("a", "timer", {"minutes": 5}), Finished("tools")]


def test_geminis_signature_comes_with_the_call_and_goes_back_with_it() -> None:
    call, end = deltas(wire_openai, GEMINI)
    assert call == Call("g", "timer", {"minutes": 5}, {"extra_content": {"google": {"thought_signature": "abc"}}})
    assert end == Finished("tools")
    sent = json.loads(wire_openai.request(ROW, "", Chat((Message("assistant", "", calls=(call,)),))).body)  # type: ignore[arg-type]  # calls as read
    assert sent["messages"][0]["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": "abc"}}


def test_anthropic_words_call_usage_and_end_are_read() -> None:
    assert deltas(wire_anthropic, ANTHROPIC) == [
        Usage(30, 1, 5), Text("Hello"), Call("t1", "timer", {"minutes": 4}), Usage(30, 15, 5), Finished("tools"),
    ]  # fmt: skip


@pytest.mark.parametrize(("wire", "text"), [(wire_openai, OPENAI), (wire_anthropic, ANTHROPIC)])
def test_a_stream_that_is_cut_off_has_no_end(wire: Any, text: str) -> None:
    cut = text[
        : text.rindex("\n\n", 0, text.index("stop_reason" if wire is wire_anthropic else '"finish_reason":"stop"'))
    ]
    assert not any(isinstance(delta, Finished) for delta in deltas(wire, cut))


def test_a_missing_done_after_the_reason_is_an_end_all_the_same() -> None:
    assert deltas(wire_openai, OPENAI.replace("data: [DONE]\n\n", ""))[-1] == Finished("stop")


@pytest.mark.parametrize(
    ("wire", "data", "says"),
    [
        (wire_openai, '{"error":{"message":"quota\\nexceeded","code":429}}', "quota exceeded"),
        (wire_anthropic, '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', "Overloaded"),
        (wire_openai, "<html>proxy</html>", "no JSON"),
        (wire_anthropic, "[1, 2]", "no chat"),
        (wire_openai, "[" * 100_000, "no JSON"),
    ],
)
def test_an_error_within_the_stream_is_one_sentence(wire: Any, data: str, says: str) -> None:
    with pytest.raises(RemoteUnavailable, match=says):
        list(wire.Reader().read(data))


@pytest.mark.parametrize("wire", [wire_openai, wire_anthropic])
@pytest.mark.parametrize(
    "data",
    ['{"choices":null}', '{"choices":[null]}', '{"choices":[{"delta":null}]}', '{"type":"content_block_delta","delta":3}',
     '{"choices":[{"delta":{"tool_calls":[{"index":"x","function":null}]}}]}', '{"usage":{"prompt_tokens":"many"}}', "{}"],
)  # fmt: skip
def test_shapes_that_no_server_documents_do_no_harm(wire: Any, data: str) -> None:
    assert all(isinstance(d, Usage) for d in wire.Reader().read(data))


def test_openai_is_asked_as_it_documents() -> None:
    sent = wire_openai.request(ROW, "sk-1", CHAT)
    body = json.loads(sent.body)
    assert sent.url == "http://localhost:1/v1/chat/completions" and sent.headers["authorization"] == "Bearer sk-1"
    assert body["stream"] is True and body["max_tokens"] == 200 and body["stream_options"] == {"include_usage": True}
    roles = [m["role"] for m in body["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "user"]
    assert body["messages"][4]["content"][1]["image_url"]["url"] == "data:image/jpeg;base64,/9hqcGVn"
    assert body["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {"minutes": {"type": "integer"}, "sound": {"type": "string", "enum": ["bell", "none"]}},
        "required": ["sound"],
    }


def test_anthropic_is_asked_as_it_documents() -> None:
    sent = wire_anthropic.request(changed(wire="anthropic"), "sk-2", CHAT)
    body = json.loads(sent.body)
    assert sent.url.endswith("/v1/messages") and sent.headers["x-api-key"] == "sk-2"
    assert sent.headers["anthropic-version"] == "2023-06-01"
    assert body["system"] == "Be short." and [m["role"] for m in body["messages"]] == ["user", "assistant", "user"]
    result, picture, text = body["messages"][2]["content"]
    assert result == {"type": "tool_result", "tool_use_id": "c1", "content": "done"}
    assert picture["source"]["data"] == "/9hqcGVn" and text["text"] == "what is this"
    assert body["tools"][0]["input_schema"]["required"] == ["sound"]


@pytest.mark.parametrize("wire", [wire_openai, wire_anthropic])
def test_a_row_without_tools_is_offered_none_and_one_without_key_sends_none(wire: Any) -> None:
    row: Row = changed(has_tools=False)
    sent = wire.request(row, "", CHAT)
    assert "tools" not in json.loads(sent.body)
    assert not {"authorization", "x-api-key"} & set(sent.headers)
