// The look of the pages: one style sheet, known by its hash, in light and dark, on paper and on a phone.

/// The style sheet of all pages.
enum PageStyle {
    /// SHA-256 of ``text`` in Base64; a test computes it.
    static let hash = "sha256-V+pAhs87BAYOgCvYoE3zAMK5Pjtpr3lNELiRcMh+E+w="

    /// The style sheet. Hues of the status classes are told apart without red and green.
    static let text = """

        :root { color-scheme: light dark; --ink: #1b1f24; --quiet: #59636e; --paper: #fff; --line: #d1d9e0;
          --accent: #0969da; --s2: #1a9e77; --s3: #54aeff; --s4: #d9a400; --s5: #cf222e; --s0: #8c959f; --bar: #b6d7ff; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e6edf3; --quiet: #9198a1; --paper: #0d1117; --line: #3d444d; --accent: #4493f8; --s2: #2bb98a;
            --s3: #388bfd; --s4: #d29922; --s5: #f85149; --s0: #6e7681; --bar: #1f4b85; }
        }
        * { box-sizing: border-box; }
        body { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        h1 { font-size: 1.25rem; margin: 0; overflow-wrap: anywhere; }
        h2, caption { font-size: 1rem; font-weight: bold; margin: 0 0 0.25rem; text-align: start; }
        a { color: var(--accent); text-decoration: none; }
        a:hover, a:focus-visible { text-decoration: underline; }
        :focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
        header p, footer, figcaption, dt, summary { color: var(--quiet); }
        header p { margin: 0.25rem 0; }
        nav, form { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: end; margin: 0.25rem 0; }
        nav [aria-current] { font-weight: bold; color: inherit; }
        label { font-size: 0.875rem; color: var(--quiet); }
        input { display: block; font: inherit; width: 12rem; max-width: 100%; }
        button { font: inherit; }
        dl { display: flex; flex-wrap: wrap; gap: 0.5rem 2rem; margin: 1rem 0; }
        dt { font-size: 0.875rem; }
        dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        dl.record { display: block; }
        dl.record div { display: grid; grid-template-columns: 9rem 1fr; gap: 1rem; }
        dl.record dd { font-size: 1rem; }
        .bad { color: var(--s5); }
        .plots { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
        .lists { columns: 36rem; column-gap: 2rem; }
        .lists section { break-inside: avoid; margin-bottom: 1.5rem; }
        section { min-width: 0; }
        figure { margin: 0; }
        figcaption b { color: var(--ink); margin-inline-end: 0.5rem; }
        .plot { display: block; overflow: hidden; font-size: 0.75rem; }
        span.key { white-space: nowrap; font-size: 0.875rem; margin-inline-end: 0.25rem; }
        span.key::before { content: ""; display: inline-block; width: 0.75em; height: 0.75em; margin-inline-end: 0.25em;
          background: currentColor; }
        .key.s2::before { background: var(--s2); } .key.s3::before { background: var(--s3); }
        .key.s4::before { background: var(--s4); } .key.s5::before { background: var(--s5); }
        .key.s0::before { background: var(--s0); } .key.p50::before { background: var(--accent); }
        .key.p95::before { background: var(--accent); opacity: 0.5; }
        .key.p99::before { background: var(--accent); opacity: 0.25; }
        path.rate { fill: var(--accent); fill-opacity: 0.75; }
        path.s2 { fill: var(--s2); } path.s3 { fill: var(--s3); } path.s4 { fill: var(--s4); }
        path.s5, path.mark { fill: var(--s5); } path.s0 { fill: var(--s0); }
        path.p50 { fill: var(--accent); fill-opacity: 0.5; }
        path.p95 { fill: var(--accent); fill-opacity: 0.2; }
        path.p99 { fill: var(--accent); fill-opacity: 0.12; }
        path.line { fill: none; stroke: var(--accent); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
        path.line.p95 { stroke-opacity: 0.7; } path.line.p99 { stroke-opacity: 0.4; }
        path.h1 { fill: var(--accent); fill-opacity: 0.14; } path.h2 { fill: var(--accent); fill-opacity: 0.28; }
        path.h3 { fill: var(--accent); fill-opacity: 0.44; } path.h4 { fill: var(--accent); fill-opacity: 0.6; }
        path.h5 { fill: var(--accent); fill-opacity: 0.8; } path.h6 { fill: var(--accent); }
        .axis { pointer-events: none; }
        .axis path, .axis line { stroke: var(--ink); stroke-opacity: 0.2; fill: none; }
        .axis text { fill: var(--ink); stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round;
          paint-order: stroke; }
        .touch path { fill: transparent; }
        .touch path:hover { fill: var(--ink); fill-opacity: 0.15; }
        details { margin: 0.5rem 0 1rem; }
        .frame { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 0.875rem; font-variant-numeric: tabular-nums; width: 100%; }
        th, td { padding: 0.125rem 0.625rem 0.125rem 0; text-align: end; vertical-align: top; white-space: nowrap; }
        thead th { border-bottom: 1px solid var(--line); font-weight: normal; color: var(--quiet); }
        tbody th { font-weight: normal; }
        th.text, td.text { text-align: start; white-space: normal; overflow-wrap: anywhere; }
        th.key { width: 100%; min-width: 9rem; }
        tbody tr:hover { background: color-mix(in srgb, var(--ink) 6%, var(--paper)); }
        .bar { display: inline-block; width: 3rem; height: 0.75rem; margin-inline-start: 0.5rem; }
        .bar rect { fill: var(--bar); }
        footer { margin-top: 1rem; font-size: 0.875rem; }
        @media (max-width: 40rem) {
          body { margin: 0.5rem; } dl { gap: 0.25rem 1.25rem; } dd { font-size: 1.125rem; } .bar { width: 2rem; }
          dl.record div { grid-template-columns: 1fr; gap: 0; }
        }
        @media print {
          :root { --ink: #000; --quiet: #444; --paper: #fff; --line: #999; --accent: #0550ae; --bar: #b6d7ff;
            --s2: #1a9e77; --s3: #54aeff; --s4: #d9a400; --s5: #cf222e; --s0: #8c959f; color-scheme: light; }
          body { margin: 0; font-size: 10pt; } * { print-color-adjust: exact; } a { color: inherit; }
          figure, tr { break-inside: avoid; } caption { break-after: avoid; } nav, form, .live, details { display: none; }
          .plots { grid-template-columns: 1fr 1fr; } .lists { columns: 1; }
        }

        """
}
