namespace RatIlgpu.Html;

/// <summary>The facts and sentences of a page of the lens.</summary>
static class LensWords
{
    // In characters.
    const int LongestName = 120, LongestToken = 24;

    const int MostNamed = 6;

    public static readonly ImmutableArray<(string What, string Meaning)> Meanings =
    [
        ("Logit lens", "The residual stream after every sublayer, normed and unembedded as if the model ended there. A "
            + "column is a position of the prompt; what is predicted there is the token after it. Early states are "
            + "hard to read: the unembedding was not made for them."),
        ("Cell", "The most probable next token of a state of the stream, read as if it were the final one. The number "
            + "that colours the cell is chosen above; the scale is that of all prompts of the page."),
        ("States", "0_pre is the embedding; 3_pre the stream before layer 3, 3_mid between its attention and its MLP; "
            + "final_post that after the last layer, the model's own prediction."),
        ("Rank", "1 is the most probable token of the vocabulary. Colour and plot have a logarithmic scale."),
        ("KL", "KL(final ‖ state) = Σ f log(f / p), in nats: how far the prediction p is from the final one, f, at the "
            + "position. 0 in final_post; low where a state predicts as the model ends up to."),
        ("Entropy", "−Σ p log p, in nats: 0 if the state is sure of one token."),
        ("Plot", "Followed tokens through the states of the position. The dashed grey line is the most probable token "
            + "of each state, whichever that is."),
        ("Mean", "Over all positions and prompts of the page; the band is the sample standard deviation."),
        ("Text", "The shade of a token is the number of its cell in the chosen state. Tokens whose states were not "
            + "read are grey."),
        TraceWords.SignMeaning,
        ("Select", "A cell, or a token of the text; once more lets it go. What the pointer is on has precedence."),
        ("Precision", "Every number is that of the command's JSON; logits are in single precision, as they are "
            + "computed."),
        ("Export", "SVG and PNG show the grid of the prompt; CSV lists its cells; JSON has all states of all prompts, "
            + "as lens --json writes them."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into the grid or the text"),
        (["←", "→", "↑", "↓"], "to the next cell or token"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        ([",", "."], "previous or next state"),
        (["[", "]"], "previous or next position"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    /// <summary>Returns the title of a page.</summary>
    public static string TitleOf(LensPageOptions options) =>
        TraceWords.TitleOf(options.Title, options.Origin, "Logit lens");

    /// <summary>Returns the facts at the top of the page, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(LensView view, LensPageOptions options)
    {
        if (options.Model is { } model)
            yield return ("Model", TraceWords.Name(model.Name));
        var (states, prompts) = (view.States, view.Prompts);
        yield return ("States", states.Length == 1 ? states[0] : $"{states.Length}, {states[0]} to {states[^1]}");
        if (prompts.Length > 1)
            yield return ("Prompts", $"{prompts.Length}");
        var (read, all) = (prompts.Sum(one => one.Positions.Length), prompts.Sum(one => one.Text.Length));
        yield return ("Positions", read == all ? $"all {all}" : $"{read} of {all}");
        foreach (var fact in ChangeWords.Facts(prompts.Select(one => one.Run), first: 1))
            yield return fact;
        if (view.Followed > 0)
            yield return ("Followed", Listed(Enumerable.Range(0, view.Followed).Select(at => Followed(view, at))));
        if (view.Directions.Length > 0)
            yield return ("Directions", Listed(view.Directions.Select(Direction)));
    }

    /// <summary>Names the token that is followed at a place of the list.</summary>
    public static string Followed(LensView view, int place) => view.FollowedAt(place) is { } id
        ? TraceWords.Isolated(TokenGlyphs.Show(view.Tokens[view.Tokens.Place(id)], LongestToken))
        : place == 0 ? "each prompt's own token" : $"each prompt's own token {place + 1}";

    /// <summary>Returns the name of a direction as visible text.</summary>
    public static string Direction(string name) => TraceWords.Isolated(TokenGlyphs.Line(name, LongestName));

    static string Listed(IEnumerable<string> all)
    {
        var names = all.ToList();
        var shown = string.Join(", ", names.Take(MostNamed));
        return names.Count <= MostNamed ? shown : $"{shown} and {names.Count - MostNamed} more";
    }
}
