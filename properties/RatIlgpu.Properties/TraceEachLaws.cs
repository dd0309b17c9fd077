using RatIlgpu.Tensors;

namespace RatIlgpu.Properties;

/// <summary>Traces that share a run, or a batch, are the traces alone, bit for bit.</summary>
[Properties(Arbitrary = [typeof(ModelCase)])]
public sealed class TraceEachLaws
{
    const int Cases = 40;

    [Law(Cases)]
    public void Traces_of_several_prompts_positions_layers_and_heads_are_the_traces_alone(ModelCase some)
    {
        using var tiny = some.Make();
        foreach (var device in Devices())
            using (device)
            using (var model = tiny.On(device))
            {
                var random = new Random(some.Seed);
                TracePrompt[] prompts =
                    [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => Prompt(tiny, some, random))];
                var shared = Options(random, model, prompts);
                var axes = Axes(random, some);
                if (shared.Weights == AttentionWeights.Contribution)
                    axes = axes with { Heads = [.. axes.Heads!.Value.Where(one => one != HeadAggregation.Max)] };
                TracePlan[] plans =
                [
                    .. prompts.Select(prompt => TracePlan.Make(
                        model, prompt.Ids, axes with { Positions = prompt.Positions },
                        shared with { AttentionMask = prompt.AttentionMask })),
                ];
                var logits = new Dictionary<(int, int), float[]>();
                var found = TraceRun.OfAll(
                    model, plans, (plan, positions, rows, on) => Keep(plan, positions, rows, on, logits), null,
                    default);
                foreach (var (index, (plan, searches)) in plans.Zip(found).Index())
                    foreach (var (trace, search) in plan.Traces.Zip(searches, (trace, search) => (trace, search)))
                        SameAlone(
                            model, plan, trace, search,
                            logits.GetValueOrDefault((index, trace.TargetPosition.Value), []));
            }
    }

    static void SameAlone(
        Qwen2Model model, TracePlan plan, TraceOptions trace, PathSearch search, float[] logits)
    {
        var own = new Dictionary<(int, int), float[]>();
        var alone = TraceRun.OfAll(
            model,
            [TracePlan.Make(model, plan.Ids.AsSpan(), new(), trace)],
            (plan, positions, rows, device) => Keep(plan, positions, rows, device, own),
            null,
            default)[0][0];
        Assert.Equal(alone.Paths, search.Paths);
        Assert.Equal(alone.SelfAttention, search.SelfAttention);
        Assert.Equal(alone.TargetAttention, search.TargetAttention);
        Assert.Equal(own.Values.SingleOrDefault([]), logits);
    }

    static void Keep(
        int plan, ReadOnlySpan<int> positions, Tensor rows, Device device, Dictionary<(int, int), float[]> logits)
    {
        for (var row = 0; row < positions.Length; row++)
            logits.Add((plan, positions[row]), device.Download(rows.Slice(row, 1)));
    }

    static IEnumerable<Device> Devices() => Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported)
        .Select(level => (Device)new CpuDevice(2, level)).Append(new PlainDevice());

    static TraceOptions Options(Random random, Qwen2Model model, TracePrompt[] prompts)
    {
        Intervention[] interventions = [.. Interventions(random, model, prompts)];
        return new()
        {
            Weights = (AttentionWeights)random.Next(4),
            TopBeam = random.Next(1, 6),
            TopK = random.Next(1, 6),
            // A run without predictions may end before the intervention.
            Predictions = interventions.Length > 0 ? 1 : random.Next(2),
            BosTokenId = random.Next(2) == 0 ? random.Next(model.Config.VocabularySize) : null,
            Interventions = [.. interventions],
        };
    }

    // Scales random activations, the inside of attention included, at all positions or at some that every prompt has.
    static IEnumerable<Intervention> Interventions(Random random, Qwen2Model model, TracePrompt[] prompts)
    {
        int[] tokens =
        [
            .. Enumerable.Range(0, prompts.Min(prompt => prompt.Ids.Length))
                .Where(at => prompts.All(prompt => prompt.AttentionMask is not { } mask || mask[at] == 1)),
        ];
        Activation[] changed =
        [
            Activation.Embedding, Activation.Query, Activation.RotatedKey, Activation.HeadKey, Activation.HeadValue,
            Activation.Pattern, Activation.HeadOutput, Activation.MlpNeurons, Activation.FinalNorm, Activation.Logits,
        ];
        for (var count = random.Next(3); count > 0; count--)
        {
            int[] some = [.. tokens.Where(_ => random.Next(2) == 0)];
            yield return Intervention.Scale(
                InterventionTarget.At(
                    model, changed[random.Next(changed.Length)], positions: some.Length > 0 ? [.. some] : null),
                0.5f + random.NextSingle());
        }
    }

    static TraceAxes Axes(Random random, ModelCase some) => new()
    {
        Layers = [.. Enumerable.Range(0, some.Layers).Where(_ => random.Next(2) == 0).Append(0).Select(l => (Index)l)],
        Heads =
        [
            HeadAggregation.Max, HeadAggregation.Head(random.Next(some.KeyHeads * some.Group)), HeadAggregation.Mean,
        ],
    };

    static TracePrompt Prompt(TinyQwen2 tiny, ModelCase some, Random random)
    {
        var ids = tiny.Prompt(random.Next(1, some.Length + 1), random.Next());
        ImmutableArray<int>? mask = random.Next(3) switch
        {
            0 => [.. ids.Select((_, position) => position < ids.Length / 3 ? 0 : 1)],
            1 => [.. ids.Select(_ => random.Next(4) == 0 ? 0 : 1)],
            _ => null,
        };
        Index[] positions = [.. Enumerable.Range(0, ids.Length).Where(_ => random.Next(3) == 0).Select(p => (Index)p)];
        return new([.. ids]) { AttentionMask = mask, Positions = [.. positions, ^1] };
    }
}
