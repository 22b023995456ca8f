"""The live view in a real browser: what is clicked reaches the robot."""

import shutil
import socket
import threading
import time

import cv2
import numpy as np
import pytest

from neural_brain.benchmarks.episode import make_episode
from neural_brain.models.brain import BrainConfig
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import ReflexLevel
from neural_brain.robots.home_body import make_home_body
from neural_brain.sim.homes import generate_home
from neural_brain.view.dashboard import Dashboard
from neural_brain.view.live import Live

SEED = 3
FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def short_episode():
    return make_episode(
        SEED,
        config=BrainConfig(),
        detector=NoDetector(),
        body=make_home_body(SEED, small=True),
        home=generate_home(SEED, small=True),
    )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_port_in_use_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NeuralBrainError, match=f"Port {port} .*--port"):
            Dashboard(port=port)


class Run(threading.Thread):
    """A short episode with a dashboard, in a thread of its own (as OpenGL wants)."""

    def __init__(self, port):
        super().__init__()
        self.port = port
        self.ready = threading.Event()
        self.ended = threading.Event()

    def run(self):
        self.episode = episode = short_episode()
        dashboard = Dashboard(port=self.port)
        try:
            episode.observers.append(Live(dashboard, episode.body))
            episode.speed = 1.0
            self.ready.set()
            while not self.ended.is_set():
                episode._run(1.0, self.ended.is_set)
        finally:
            dashboard.close()
            episode.body.close()


@pytest.mark.gl
@pytest.mark.browser
@pytest.mark.slow
def test_a_click_reaches_the_robot(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    run = Run(free_port())
    run.start()
    picture_file = tmp_path / "live.png"
    try:
        assert run.ready.wait(60.0)
        with playwright.sync_playwright() as web:
            browser = web.chromium.launch(executable_path=chromium, args=FLAGS)
            urls = use_page(browser, run, picture_file)
            browser.close()
    finally:
        run.ended.set()
        run.join()
    picture = cv2.imread(str(picture_file))
    assert np.std(picture[:, :800].astype(float)) > 10.0  # the canvas is not blank
    assert all("127.0.0.1" in url or url.startswith(("data:", "blob:")) for url in urls)


def use_page(browser, run, picture_file):
    """Give a goal, look at the page, press the e-stop; returns all requested URLs."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"http://127.0.0.1:{run.port}", timeout=90_000)
    page.get_by_role("button", name="E-STOP", exact=True).wait_for(timeout=120_000)
    page.get_by_role("textbox").first.fill("explore")
    page.get_by_role("button", name="Send goal").click(timeout=90_000)
    brain = run.episode.brain
    assert wait(lambda: brain.executive.exploring)
    page.get_by_text("I will explore").wait_for(timeout=90_000)
    page.wait_for_timeout(3000)
    page.screenshot(path=picture_file, timeout=120_000)
    page.get_by_role("button", name="E-STOP", exact=True).click(timeout=90_000)
    assert wait(lambda: brain.fast.level is ReflexLevel.ESTOP)
    return urls


def wait(condition, timeout_s=60.0):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
