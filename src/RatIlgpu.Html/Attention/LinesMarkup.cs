namespace RatIlgpu.Html;

/// <summary>Writes the lines of a page of attention: the elements that their script fills.</summary>
static class LinesMarkup
{
    /// <summary>Gets what the help says of the lines.</summary>
    public static IEnumerable<(string What, string Meaning)> Meanings { get; } =
    [
        ("Lines", "How a head reaches its probabilities. Query and keys are those after rotation; the numbers of "
            + "query × key, summed and divided by the square root of how many they are, are the score, and the softmax "
            + "of the scores of a query are its probabilities. Blue is positive, orange negative."),
        ("Score", "Its colour tells it from the mean of the keys that the query sees: blue is above, orange below."),
        ("Links", "A line from a query to each key, as opaque as the probability: those of the focused token, or all "
            + "strong ones."),
    ];

    public static void Write(HtmlWriter html) => html.Write($"""
        <section class="card lines" id="lines" aria-label="Lines"><div class="head"><h2 id="lines-title"></h2>
        <label>Layer <select id="lines-layer"></select></label><label>Head <select id="lines-head"></select></label>
        <label>Head <select id="lines-one"></select></label>
        <span class="choice" role="group" aria-label="View"><span class="segments">
        <button data-set="view" value="vectors" title="Vectors (+)">+ Vectors</button>
        <button data-set="view" value="links" title="Links (−)">− Links</button></span></span></div>
        <div class="view"><div id="lines-area" tabindex="-1"><canvas id="lines-canvas" aria-hidden="true"></canvas>
        <div id="lines-rows" role="table" aria-label="Keys of a query. Arrow keys move, Enter locks.">
        <div class="lr lr-head" role="row" id="lines-names"><span role="columnheader">Query</span><i></i>
        <span role="columnheader">Query vector, keys below</span>
        <span role="columnheader">Query × key</span><span role="columnheader">Score</span>
        <span role="columnheader">Probability</span><span role="columnheader">Key</span></div></div></div>
        <p id="lines-empty"><b>No token selected</b>Point at a token on the left; a click keeps it.</p></div>
        <div class="foot"><span class="least choice" role="group" aria-label="Links"><span>Without a token, links
        from</span><span class="segments"><button data-set="least" value="0.02">0.02</button>
        <button data-set="least" value="0.1">0.1</button><button data-set="least" value="0.3">0.3</button></span></span>
        <span class="muted">Vectors: blue is positive, orange negative. Score: against the mean of the keys that the
        query sees. A line is as opaque as the probability.</span>
        <span class="muted" id="lines-error"></span></div></section>

        """);
}
