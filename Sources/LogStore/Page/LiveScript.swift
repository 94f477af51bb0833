// The one script of the live page: it listens to the server's events and puts new parts in the place of old ones.

/// The script of the live page.
enum LiveScript {
    /// SHA-256 of ``text`` in Base64; a test computes it.
    static let hash = "sha256-GpWyvueKC+Exlw/3z4F+57nCPZnIcFD3VqAjdinUnpY="

    /// An event holds the parts that changed, each an element with an id. What a reader has opened stays open, what is
    /// selected stays as it is until the next event, and nothing is asked for while nobody looks.
    static let text = """

        'use strict';
        const source = document.body.dataset.events, state = document.querySelector('.live');
        const button = document.createElement('button');
        let events = null, paused = false;
        const say = text => { if (state.firstChild.textContent !== text) state.firstChild.textContent = text; };
        function replace(fresh) {
          const old = document.getElementById(fresh.id);
          if (!old || old.outerHTML === fresh.outerHTML) return;
          const selection = getSelection();
          if (!selection.isCollapsed && selection.containsNode(old, true)) return;
          const open = [...old.querySelectorAll('details')].map(element => element.open);
          fresh.querySelectorAll('details').forEach((element, index) => element.open = open[index]);
          const focused = old.contains(document.activeElement) ?
            [...old.querySelectorAll('a, summary, .frame')].indexOf(document.activeElement) : -1;
          const scrolled = [...old.querySelectorAll('.frame')].map(element => element.scrollLeft);
          old.replaceWith(fresh);
          fresh.querySelectorAll('.frame').forEach((element, index) => element.scrollLeft = scrolled[index] || 0);
          if (focused >= 0) fresh.querySelectorAll('a, summary, .frame')[focused]?.focus({ preventScroll: true });
        }
        function listen() {
          events = new EventSource(source);
          events.addEventListener('parts', event => {
            const parts = new DOMParser().parseFromString(event.data, 'text/html').body;
            [...parts.children].forEach(part => replace(document.adoptNode(part)));
            say('Live');
          });
          events.addEventListener('failure', event => say(event.data));
          events.onerror = () => { if (events.readyState === EventSource.CLOSED) say('Ended: load the page again'); };
        }
        function update() {
          const wanted = !paused && !document.hidden;
          if (wanted && !events) listen();
          if (!wanted && events) { events.close(); events = null; say('Paused'); }
          button.textContent = paused ? 'Go on' : 'Pause';
        }
        button.onclick = () => { paused = !paused; update(); };
        state.append(' ', button);
        document.addEventListener('visibilitychange', update);
        update();

        """
}
