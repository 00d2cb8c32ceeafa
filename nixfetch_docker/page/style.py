"""The style of the page that `show --html` writes: light and dark, narrow and wide."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

# The number of colours that groups of shared layers have in turn; the letter of a group tells more.
COLOURS = 12

STYLE = """
:root {
  color-scheme: light dark;
  --page: #ffffff; --card: #f6f8fa; --text: #1f2328; --soft: #59636e; --line: #d1d9e0;
  --own: #c8d1da; --link: #0969da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #151b23; --text: #f0f6fc; --soft: #9198a1; --line: #3d444d;
    --own: #4c5661; --link: #58a6ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 68rem;
  background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
}
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0; }
h4 { font-size: .95rem; margin: 1rem 0 .25rem; }
p { margin: .25rem 0 .75rem; }
a { color: var(--link); }
code { font-family: ui-monospace, monospace; font-size: .85em; }
.soft { color: var(--soft); }
.state { font-weight: 600; }
.card {
  background: var(--card); border: 1px solid var(--line); border-radius: .4rem;
  padding: .75rem 1rem; margin: .75rem 0;
}
.row { display: grid; grid-template-columns: 14rem 1fr; gap: 0 1rem; margin: .4rem 0; }
.label { line-height: 1.3; }
.label span { display: block; font-size: .85em; }
svg { display: block; width: 100%; height: 1.75rem; }
rect { fill: var(--own); stroke: var(--page); stroke-width: 1.5px; }
svg text {
  fill: #1f2328; font: 600 .8rem system-ui, sans-serif;
  text-anchor: middle; dominant-baseline: central;
}
.c0 { fill: #7cc0f0; } .c1 { fill: #f2b84b; } .c2 { fill: #5fc9a4; } .c3 { fill: #e8a3c8; }
.c4 { fill: #ece36a; } .c5 { fill: #a9b4f8; } .c6 { fill: #f29a6b; } .c7 { fill: #b8d977; }
.c8 { fill: #d8b48c; } .c9 { fill: #84e0e6; } .c10 { fill: #cf9de0; } .c11 { fill: #dcecae; }
.gone { fill: #f08a85; } .new { fill: #5fc97f; }
.legend { list-style: none; margin: .75rem 0 0; padding: 0; }
.legend li { display: grid; grid-template-columns: 1.75rem 1fr; gap: .5rem; margin: .2rem 0; }
.legend svg, td svg { width: 1.75rem; height: 1.4rem; }
dl { display: grid; grid-template-columns: 6rem 1fr; gap: .1rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; }
dd code { display: block; white-space: pre-wrap; }
summary { cursor: pointer; }
table { border-collapse: collapse; margin: .25rem 0; font-size: .9rem; }
th, td { text-align: left; padding: .15rem .75rem .15rem 0; vertical-align: top; }
th { color: var(--soft); font-weight: normal; white-space: nowrap; }
tr + tr td { border-top: 1px solid var(--line); }
.number { text-align: right; white-space: nowrap; }
@media (max-width: 40rem) {
  .row { grid-template-columns: 1fr; }
  th, td { padding-right: .5rem; }
  dl { grid-template-columns: 1fr; }
  dd { margin-bottom: .4rem; }
}
"""

_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
# https://www.w3.org/TR/CSP3/: nothing is loaded, nothing runs, and this style alone is applied.
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
