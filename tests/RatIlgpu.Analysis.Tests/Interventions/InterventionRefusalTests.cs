using RatIlgpu.Testing;

namespace RatIlgpu.Analysis.Tests;

/// <summary>A wrong intervention is refused when it is made, or when its run begins.</summary>
public sealed class InterventionRefusalTests : IDisposable
{
    readonly InterventionBench bench = new();
    readonly int[] ids;

    public InterventionRefusalTests() => ids = bench.Prompt(6);

    public void Dispose() => bench.Dispose();

    public static TheoryData<string, Func<InterventionRefusalTests, object>> WrongTargets => new()
    {
        { "layer 3 asked, expected 0 to 2, or ^3 to ^1 from the end.", on => on.bench.At(Activation.Query, 3) },
        { "layer 1 asked, expected 0 to 0, or ^1 to ^1 from the end.", on => on.bench.At(Activation.Logits, 1) },
        { "head 2 of Key asked, a layer has heads 0 to 1.", on => on.bench.At(Activation.Key, 0, [2]) },
        {
            "head 6 of HeadKey asked, a layer has heads 0 to 5.",
            on => on.bench.At(Activation.Key, 0, [6], scope: KeyValueScope.QueryHead)
        },
        { "MlpInput has no heads, but heads were given.", on => on.bench.At(Activation.MlpInput, 0, [0]) },
        { "There is no head: at least one is needed, or null for all.", on => on.bench.At(Activation.Query, 0, []) },
        { "A head is given twice: 1, 1.", on => on.bench.At(Activation.Query, 0, [1, 1]) },
        { "A position is given twice: 2, 2.", on => on.bench.At(Activation.Query, 0, null, [2, 2]) },
        {
            "There is no position: at least one is needed, or null for all.",
            on => on.bench.At(Activation.Query, 0, null, [])
        },
        {
            "position -1 asked, expected 0 or more. (Parameter 'positions')",
            on => on.bench.At(Activation.Query, 0, null, [-1])
        },
        { "99 is no activation of a model.", on => on.bench.At((Activation)99) },
        {
            "9 is no scope of a key or value. (Parameter 'scope')",
            on => on.bench.At(Activation.Query, scope: (KeyValueScope)9)
        },
    };

    [Theory]
    [MemberData(nameof(WrongTargets))]
    public void A_target_that_the_model_does_not_have_is_refused(
        string message, Func<InterventionRefusalTests, object> call) => Says(message, () => call(this));

    public static TheoryData<string, Func<InterventionRefusalTests, object>> WrongNumbers => new()
    {
        { "NaN is not finite. (Parameter 'factor')", on => Intervention.Scale(on.Query, float.NaN) },
        { "3 numbers are to be added to Query of layer 1, expected 8.", on => Intervention.Add(on.Query, [1, 2, 3]) },
        { "0 numbers are to be added to Query of layer 1, expected 8.", on => Intervention.Add(on.Query, default) },
        {
            "-Infinity is not finite. (Parameter 'vector')",
            on => Intervention.Add(on.Query, [1, 2, 3, 4, float.NegativeInfinity, 6, 7, 8])
        },
        {
            "Nothing can be added to Pattern of layer 1: its rows are not over the same keys.",
            on => Intervention.Add(on.Pattern, [1])
        },
        {
            "Nothing can be averaged at Pattern of layer 1: its rows are not over the same keys.",
            on => Intervention.Mean(on.Pattern, on.bench.Record(on.ids))
        },
    };

    [Theory]
    [MemberData(nameof(WrongNumbers))]
    public void Numbers_that_do_not_fit_are_refused(string message, Func<InterventionRefusalTests, object> call) =>
        Says(message, () => call(this));

    InterventionTarget Query => bench.At(Activation.Query, 1);

    InterventionTarget Pattern => bench.At(Activation.Pattern, 1);

    [Fact]
    public void A_recording_of_another_model_is_refused()
    {
        using var tiny = new TinyQwen2(seed: 2);
        using var otherModel = tiny.On(bench.Model.Device);
        var other = new Recorder(otherModel).Record(ids, InterventionBench.Everything);
        var (own, theirs) = (ModelFingerprint.Of(bench.Model), ModelFingerprint.Of(otherModel));
        Assert.NotEqual(own, theirs);
        var foreign = $"The recording is of another model: {theirs}, expected {own}.";
        Says(foreign, () => Intervention.Replace(Values, other));
        Says(foreign, () => Intervention.Mean(Values, other));
    }

    public static TheoryData<string, Func<InterventionRefusalTests, object>> WrongRecordings => new()
    {
        {
            "There is no recording to average over: at least one is needed.",
            on => Intervention.Mean(on.Values)
        },
        {
            "Head 1 of Value of layer 1 was not recorded: heads 0 were.",
            on => Intervention.Replace(on.Values, on.Part)
        },
        {
            "Head 1 of Value of layer 1 was not recorded: heads 0 were.",
            on => Intervention.Mean(on.Values, on.Part)
        },
        {
            "Position 2 of Value of layer 1 was not recorded: positions 1 were.",
            on => Intervention.Replace(on.bench.At(Activation.Value, 1, [0], [1, 2]), on.Part)
        },
        {
            "Query of layer 1 was not recorded: ask for Query when recording.",
            on => Intervention.Replace(on.Query, on.Part)
        },
        {
            "Query of layer 1 was recorded 2 wide, expected 8.",
            on => Intervention.Replace(on.Query, on.Narrow)
        },
    };

    [Theory]
    [MemberData(nameof(WrongRecordings))]
    public void A_recording_that_does_not_fit_is_refused(
        string message, Func<InterventionRefusalTests, object> call) => Says(message, () => call(this));

    InterventionTarget Values => bench.At(Activation.Value, 1, [1], [1, 2]);

    Recording Part => Of(new Capture(Activation.Value) { Heads = [0], Positions = [1] });

    Recording Narrow => new(
        ModelFingerprint.Of(bench.Model),
        [1],
        null,
        [new(new(Activation.Query, 1), [0], [0, 1, 2, 3, 4, 5], 2, [.. new float[12]])]);

    [Fact]
    public void A_prompt_that_does_not_fit_is_refused_before_it_runs()
    {
        var scale = Intervention.Scale(bench.At(Activation.Query, 1, [0, 2], [2, 6]), 2);
        Says(
            "scale Query of layer 1, heads 0, 2, positions 2, 6: the prompt has positions 0 to 5.",
            () => bench.Record(ids, scale));
        var zero = Intervention.Zero(bench.At(Activation.MlpInput, 1, null, [1]));
        Says(
            "zero MlpInput of layer 1, positions 1: position 1 is padding, expected that of a token.",
            () => new Recorder(bench.Model).Record(
                ids, [new(Activation.Logits)], new() { Interventions = [zero], AttentionMask = [0, 0, 1, 1, 1, 1] }));
        var replace = Intervention.Replace(bench.At(Activation.MlpInput, 1), bench.Record(bench.Prompt(5)));
        Says(
            "replace MlpInput of layer 1: the prompt has 6 tokens, the recording to replace from 5; positions mean the "
            + "same only in prompts of equal length.",
            () => bench.Record(ids, replace));
        using var tiny = new TinyQwen2(seed: 2);
        using var otherModel = tiny.On(bench.Model.Device);
        var other = Intervention.Zero(InterventionTarget.At(otherModel, Activation.MlpInput, 1));
        const string Made = "zero MlpInput of layer 1: was made for another model than the one that runs.";
        Says(Made, () => bench.Record(ids, other));
        Says(Made, () => new InterventionProbe(bench.Model, other));
        Assert.False(new InterventionProbe(bench.Model, []).Wants(Site.Logits));
    }

    [Fact]
    public void A_change_of_normed_keys_that_needs_their_length_is_refused_for_one_query_head()
    {
        using var normed = new InterventionBench(TinyQwen2.Qwen3);
        var keys = normed.At(Activation.Key, 1, [4], scope: KeyValueScope.QueryHead);
        const string Cure = "for a query head alone, since the model norms keys: change RotatedKey, or all query heads "
            + "of a group (KeyValueGroup).";
        Says($"Key of layer 1 cannot be scaled {Cure}", () => Intervention.Scale(keys, 2));
        Says($"Key of layer 1 cannot be added to {Cure}", () => Intervention.Add(keys, new float[10]));
        Says($"Key of layer 1 cannot be edited {Cure}", () => Intervention.Edit(keys, (_, _, _) => { }));
        Assert.NotNull(Intervention.Zero(keys));
        Assert.NotNull(Intervention.Scale(normed.At(Activation.Key, 1, [1]), 2));
        Assert.NotNull(
            Intervention.Scale(normed.At(Activation.RotatedKey, 1, [4], scope: KeyValueScope.QueryHead), 2));
    }

    Recording Of(Capture capture) => new Recorder(bench.Model).Record(ids, [capture]);

    static void Says(string message, Func<object> call) =>
        Assert.StartsWith(
        message, Assert.ThrowsAny<ArgumentException>(call).Message, StringComparison.Ordinal);
}
