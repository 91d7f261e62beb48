"""Headless Chromium, driven over its pipe by the DevTools protocol, with the standard library alone.

Messages are JSON, each followed by a NUL byte: Chromium reads them from file descriptor 3 and writes them to 4.
Source: https://chromedevtools.github.io/devtools-protocol/.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "Chromium is not installed (Debian: apt install chromium)"

_FLAGS = ("--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu",
          "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--force-color-profile=srgb")
_SECONDS = 60.0  # for one answer: CI may be slow
_KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
_START = "import os, sys; [os.dup2(int(sys.argv[i]), i + 2) for i in (1, 2)]; os.execv(sys.argv[3], sys.argv[3:])"


class Page:
    """A tab of a browser, and what it has reported.

    Attributes
    ----------
    requests : addresses of all requests.
    problems : exceptions, errors and warnings of the console, blocked resources, and dialogs.
    """

    def __init__(self, process: subprocess.Popen[bytes], into: int, out: int) -> None:
        self.process, self.into, self.out = process, into, out
        self.buffer, self.number = b"", 0
        self.session: str | None = None
        self.requests: list[str] = []
        self.problems: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            self.call(f"{domain}.enable")

    # --------------------------------------------------------------------------------------------- the protocol

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its answer; reports that come before it are kept."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        content = json.dumps(message).encode() + b"\0"
        while content:
            content = content[os.write(self.into, content):]
        while (found := self.receive()).get("id") != self.number:
            pass
        assert "error" not in found, f"{method}: {found['error']}"
        answer: dict[str, Any] = found["result"]
        return answer

    def receive(self) -> dict[str, Any]:
        """Return the next message."""
        end = time.monotonic() + _SECONDS
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.out], [], [], max(0, end - time.monotonic()))
            part = os.read(self.out, 1 << 20) if ready else b""
            assert part, f"Chromium gave no answer (exit code {self.process.poll()})"
            self.buffer += part
        text, _, self.buffer = self.buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        self.keep(message.get("method", ""), message.get("params", {}))
        return message

    def keep(self, method: str, values: dict[str, Any]) -> None:
        """Keep a report that matters."""
        if method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.problems.append(str([one.get("value") for one in values["args"]]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.problems.append(values["entry"]["text"])
        elif method == "Audits.issueAdded" and "contentSecurityPolicy" in str(values):
            self.problems.append(str(values["issue"]))
        elif method == "Page.javascriptDialogOpening":
            self.problems.append(f"a dialog: {values['message']}")

    # --------------------------------------------------------------------------------------------- what a person does

    def open(self, address: str) -> None:
        """Open an address and wait until it is loaded and has drawn a frame."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")
        self.settle()

    def settle(self) -> None:
        """Wait until the page has drawn what was asked for so far."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def value(self, expression: str) -> Any:
        """Return the value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + _SECONDS
        while not self.value(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """Return the text of an element as it is shown; "" if it is hidden."""
        return "".join(self.texts(selector)[:1])

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements of a kind that are shown."""
        found: list[str] = self.value(f"[...document.querySelectorAll({json.dumps(selector)})]"
                                      ".filter(one => one.checkVisibility()).map(one => one.innerText)")
        return found

    def key(self, name: str) -> None:
        """Press and release a key."""
        code = _KEYS.get(name, ord(name[0].upper()))
        text = {"text": name} if len(name) == 1 else {"text": "\r"} if name == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, windowsVirtualKeyCode=code)
        self.settle()

    def write(self, text: str) -> None:
        """Press the keys of a text."""
        for letter in text:
            self.key(letter)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """Send an event of the mouse: mouseMoved, mousePressed, mouseReleased or mouseWheel."""
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def click(self, x: float, y: float) -> None:
        """Click at a place of the window."""
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)
        self.settle()

    def click_on(self, selector: str) -> None:
        """Click at the middle of an element."""
        x, y = self.value(f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.scrollIntoView();"
                          " const box = one.getBoundingClientRect(); "
                          "return [box.left + box.width / 2, box.top + box.height / 2]; })()")
        self.click(x, y)

    def window(self, width: int, height: int, *, dark: bool = False, phone: bool = False) -> None:
        """Set the size of the window, the preferred colours, and whether there are fingers instead of a mouse."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, mobile=phone,
                  deviceScaleFactor=2 if phone else 1)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
                    {"name": "prefers-reduced-motion", "value": "reduce"}]
        self.call("Emulation.setEmulatedMedia", features=features)


@contextlib.contextmanager
def chromium(profile: Path) -> Iterator[Page]:
    """Yield a page of a new browser with an empty profile; skips no test itself, see `CHROMIUM`."""
    assert CHROMIUM is not None, MISSING
    import fcntl  # not on Windows

    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    # Descriptors 3 and 4 may be those of the pipes themselves: copies with high numbers are out of the way.
    high_in, high_out = fcntl.fcntl(theirs_in, fcntl.F_DUPFD, 10), fcntl.fcntl(theirs_out, fcntl.F_DUPFD, 10)
    command = [sys.executable, "-c", _START, str(high_in), str(high_out), CHROMIUM, *_FLAGS,
               f"--user-data-dir={profile}"]
    process = subprocess.Popen(command, pass_fds=(high_in, high_out), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for descriptor in (theirs_in, theirs_out, high_in, high_out):
        os.close(descriptor)
    try:
        yield Page(process, ours_out, ours_in)
    finally:
        for descriptor in (ours_out, ours_in):
            os.close(descriptor)  # Chromium ends when its pipe does
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
