using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>The mean values of the elements of ordered families in every layer, and what heads write for
/// them.</summary>
/// <remarks>The mean of values is the value of the mean input: the projection is affine.</remarks>
/// <param name="config">The model.</param>
/// <param name="prompts">The prompts.</param>
sealed class FamilyValues(Qwen2Config config, SuccessorPrompts prompts)
{
    readonly Dictionary<(string Family, int Ordinal), (double[][] Sums, int Count)> known = [];
    readonly ImmutableArray<OrdinalClass> classes = prompts.Classes;

    /// <summary>Gets the tokens of all families, one after the other.</summary>
    public ImmutableArray<int> Tokens { get; } =
        [.. prompts.Classes.SelectMany(family => family.Elements.Items).Select(element => element.Id)];

    int Width => config.KeyValueHeadCount * config.HeadSize;

    /// <summary>Runs permuted runs, in which no position tells what comes next.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">The number of prompts.</param>
    /// <param name="cancellation">Stops.</param>
    public void Run(Qwen2Model model, int count, CancellationToken cancellation)
    {
        if (Tokens.IsEmpty)
            return;
        model.RunAll(
            [.. Enumerable.Range(0, count).Select(prompts.Make).Select(prompt => new BatchPrompt(prompt.PermutedIds)
            {
                Probe = new Probe(this, prompt),
            })],
            new()
            {
                StopAfter = new(Activation.Value, config.LayerCount - 1),
                LogitCount = 0,
                Cancellation = cancellation,
            });
    }

    /// <summary>Returns the share of elements whose successor has the largest logit of the other elements of the
    /// family; null without an element.</summary>
    /// <param name="head">The head.</param>
    /// <param name="written">What raises the logits of <see cref="Tokens"/>, <c>[tokens, heads · headSize]</c>.</param>
    public HeadScore? Score(HeadIndex head, float[] written)
    {
        var (right, count, chance, first) = (0, 0, 0.0, 0);
        foreach (var family in classes)
        {
            var elements = family.Elements;
            for (var place = 0; place < elements.Length; place++)
            {
                var ordinal = elements[place].Ordinal;
                var next = elements.Items.Select(element => element.Ordinal).ToList().IndexOf(ordinal + 1);
                if (next < 0 || MeanOf(family.Name, ordinal, head) is not { } value)
                    continue;
                double[] logits = [.. Enumerable.Range(first, elements.Length).Select(row => Logit(row))];
                var others = Enumerable.Range(0, elements.Length).Where(other => other != place && other != next);
                right += others.All(other => logits[next] > logits[other]) ? 1 : 0;
                chance += 1.0 / (elements.Length - 1);
                count++;

                double Logit(int row) => TensorPrimitives.Dot<float>(
                    value,
                    written.AsSpan(
                        ((row * config.HeadCount) + head.Head) * config.HeadSize, config.HeadSize));
            }

            first += elements.Length;
        }

        return count == 0 ? null : new((double)right / count, count) { Chance = chance / count };
    }

    float[]? MeanOf(string family, int ordinal, HeadIndex head)
    {
        if (!known.TryGetValue((family, ordinal), out var found))
            return null;
        var start = head.Head / config.GroupSize * config.HeadSize;
        return
        [
            .. found.Sums[head.Layer].AsSpan(start, config.HeadSize).ToArray()
                .Select(sum => (float)(sum / found.Count)),
        ];
    }

    void Add(SuccessorPrompt prompt, int layer, float[] values)
    {
        for (var place = 0; place < prompt.Elements.Length; place++)
        {
            var key = (prompt.FamilyName, prompt.PermutedOrdinals[place]);
            if (!known.TryGetValue(key, out var found))
                found = ([.. Enumerable.Range(0, config.LayerCount).Select(_ => new double[Width])], 0);
            known[key] = (found.Sums, found.Count + (layer == 0 ? 1 : 0));
            for (var i = 0; i < Width; i++)
                found.Sums[layer][i] += values[(prompt.Elements[place] * Width) + i];
        }
    }

    sealed class Probe(FamilyValues owner, SuccessorPrompt prompt) : IProbe
    {
        public bool Wants(Site site) => site.Activation == Activation.Value;

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public void Show(Site site, Tensor activation, Device device) =>
            owner.Add(prompt, site.Layer, device.Download(activation));
    }
}
