namespace RatIlgpu.Analysis;

/// <summary>The scores that are computed from the weights of a head: what it writes for a token that it
/// reads.</summary>
static class WeightScores
{
    /// <summary>How much a head raises the logit of the token that it reads.</summary>
    public static HeadScoreDefinition Copy { get; } = new(
        "copy", "Copying",
        "The logit of the token that is read less the mean of the other tokens, in what the head writes for it, "
        + "normed: the layer's norm and the value bias before, the last norm and the unembedding after.",
        AtlasPass.Weights)
    {
        IsAttention = false,
        Unit = "logits",
    };

    /// <summary>Copying of names.</summary>
    public static HeadScoreDefinition TopFive { get; } = Share(
        "copy-top", "Copying, among the first five",
        "The share of names that are among the five most raised names when they are read.");

    /// <summary>Taking back of names.</summary>
    public static HeadScoreDefinition BottomFive { get; } = Share(
        "copy-bottom", "Copying, among the last five",
        "The share of names that are among the five most lowered names when they are read.");

    /// <summary>The published copy score.</summary>
    public static HeadScoreDefinition RawCopy { get; } = new(
        "copy-raw", "Copying, as first published",
        "The mean of W_U[t] · W_O W_V · W_E[t] over tokens, without norms, bias and centring.", AtlasPass.Weights)
    {
        IsAttention = false,
        Unit = "logits",
    };

    /// <summary>The share of positive eigenvalues.</summary>
    public static HeadScoreDefinition Eigenvalues { get; } = new(
        "eigenvalues", "Positive eigenvalues",
        "The sum of the eigenvalues of the token-to-token matrix W_E W_V W_O W_U divided by the sum of their absolute "
        + "values: 1 for a head that copies, −1 for one that takes back.", AtlasPass.Weights)
    { IsAttention = false };

    /// <summary>Writing of the next element.</summary>
    public static HeadScoreDefinition Succession { get; } = Share(
        "succession", "Succession",
        "The share of elements of ordered families whose successor is raised most among the other elements of the "
        + "family, when they are read.");

    /// <summary>All of them.</summary>
    public static ImmutableArray<HeadScoreDefinition> All { get; } =
        [Copy, TopFive, BottomFive, RawCopy, Eigenvalues, Succession];

    static HeadScoreDefinition Share(string id, string name, string meaning) =>
        new(id, name, meaning, AtlasPass.Weights) { IsAttention = false };
}
