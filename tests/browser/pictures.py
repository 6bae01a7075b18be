"""What is seen on the map: pixels counted by colour, and where on the screen a place lies."""

from __future__ import annotations

import base64
import json
import math

from visits import Visit

_COUNT = """async (png) => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  const counts = new Map();
  // A pixel is a number of 32 bits, red the lowest of its bytes.
  for (const pixel of new Uint32Array(data.buffer)) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  return JSON.stringify([...counts]);
}"""
_TILE = 512
_OVER, _UNDER = 52, 118
"""What lies over the map's upper and lower edge on a wide screen, in pixels."""


def rgb(text: str) -> tuple[int, int, int]:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def colours(
    visit: Visit, around: tuple[float, float] | None = None, far: int = 8
) -> dict[tuple[int, int, int], int]:
    """Count the pixels of each colour within the map, or around a point of the page.

    The browser decodes its own picture.
    """
    if around is None:
        clip = visit.page.locator("#map").bounding_box()
        assert clip is not None
    else:
        x, y = around
        clip = {"x": x - far, "y": y - far, "width": 2 * far, "height": 2 * far}
    picture = visit.page.screenshot(clip=clip, scale="css")
    counts = json.loads(visit.page.evaluate(_COUNT, base64.b64encode(picture).decode()))
    return {(pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255): n for pixel, n in counts}


def on_screen(visit: Visit, lon: float, lat: float, view: tuple[float, float, float]) -> tuple[float, float]:
    """Return the point of the page where a place is seen in a view (zoom, latitude, longitude)."""
    box = visit.page.locator("#map").bounding_box()
    assert box is not None
    zoom, *_ = view
    world = _TILE * 2**zoom

    def flat(east: float, north: float) -> tuple[float, float]:
        y = math.log(math.tan(math.pi / 4 + math.radians(north) / 2))
        return world * (east + 180) / 360, world * (0.5 - y / (2 * math.pi))

    (x, y), (mid_x, mid_y) = flat(lon, lat), flat(view[2], view[1])
    clear = box["height"] - _OVER - _UNDER
    return box["x"] + box["width"] / 2 + x - mid_x, box["y"] + _OVER + clear / 2 + y - mid_y
