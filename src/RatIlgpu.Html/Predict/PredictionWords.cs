namespace RatIlgpu.Html;

/// <summary>The facts and sentences of a page of prediction tables.</summary>
static class PredictionWords
{
    /// <summary>The title of a page whose tables have none.</summary>
    public const string Title = "Predictions without heads and values";

    public static readonly ImmutableArray<(string What, string Meaning)> Meanings =
    [
        ("t", "The position after whose token the model predicts the next one; the prompt is cut there. Its box has a "
            + "blue ground and the label t, that of the token before a yellow ground and the label t−1."),
        ("Outputs at t", "The outputs of these heads are set to 0 at t, behind attention and before the output "
            + "matrix; where they look stays as it is."),
        ("Values at t−1", "What other positions read there is set to 0: the attention to this position is not shared "
            + "out among the others. Values up to t are those of all positions, so that attention of the layer writes "
            + "nothing; values before t leave that of t itself."),
        ("All layers", "Without all values the model sees the token at t alone."),
        ("= and ≠", "The same token, by its number in the vocabulary, as without a change, or another one."),
        ("Δ logit", "The change of the logit of the token that is predicted without a change. All logits can move "
            + "together without a meaning; Δ log p does not see that."),
        ("Δ log p", "The change of the logarithm of its probability, in nats."),
        ("KL", "KL(baseline ‖ condition) = Σ p log(p / q) over the whole vocabulary, in nats: 0 if nothing changes."),
        ("Risen, fallen", "The tokens whose logits rise most and fall most, the largest change first. Ids that the "
            + "tokenizer does not have are left out. Numbers have two digits at least; point at one to see it in "
            + "full."),
        TraceWords.SignMeaning,
        ("Select", "A token; it is marked wherever it stands, and the details list its changes. Once more lets it "
            + "go."),
        ("Export", "JSON has all prompts, as predict --json writes them; CSV lists the rows of the prompt that is "
            + "shown."),
    ];

    public static readonly ImmutableArray<(string[] Keys, string Action)> Keys =
    [
        (["Tab"], "into the table"),
        (["←", "→", "↑", "↓"], "to the next token of the table"),
        (["Enter", "Space"], "select it, or let it go"),
        (["Esc"], "select nothing"),
        (["{", "}"], "previous or next prompt"),
        (["/"], "find a token; Enter goes to the next one"),
        (["?"], "this help"),
    ];

    /// <summary>Returns the facts at the top of the page, in reading order.</summary>
    public static IEnumerable<(string Name, string Value)> Facts(PredictionView view, PredictionPageOptions options)
    {
        if (options.Model is { } model)
            yield return ("Model", TraceWords.Name(model.Name));
        var report = view.Report;
        yield return ("Heads", string.Join(", ", report.Heads) + (report.AreChosen
            ? ", of all those whose zeroing changes the predictions most"
            : ""));
        if (report.Prompts.Length > 1)
            yield return ("Prompts", $"{report.Prompts.Length}");
    }

    /// <summary>Returns a number with its sign.</summary>
    public static string Signed(double number) =>
        (number > 0 ? "+" : number < 0 ? "−" : "") + Rounded(Math.Abs(number));

    /// <summary>Returns a number of three places, or of two digits where it is smaller than they show.</summary>
    public static string Rounded(double number) => number.ToString(
        number is 0 or >= 0.01 or double.NaN ? "F3" : number < 1e-3 ? "0.0e0" : "F4", CultureInfo.InvariantCulture);
}
