using RatIlgpu.Interventions;

namespace RatIlgpu;

/// <summary>What was changed in a run, in words for a reader, from the lines that recordings and traces keep, which are
/// those of <see cref="Intervention.ToString"/>.</summary>
/// <param name="Ablated">The heads that went without values, or without output, at all positions; ascending, each
/// once.</param>
/// <param name="Others">All else in the order of the run, such as <c>scale the MLP output of layer 1</c>; a line in
/// other words as it is.</param>
public sealed record RunChanges(ValueArray<HeadIndex> Ablated, ValueArray<string> Others)
{
    /// <summary>Reads the changes of a run.</summary>
    /// <param name="interventions">The lines, such as those of <see cref="TraceResult.Interventions"/>.</param>
    public static RunChanges Of(IEnumerable<string> interventions)
    {
        ArgumentNullException.ThrowIfNull(interventions);
        var (values, outputs) = (new SortedSet<HeadIndex>(), new SortedSet<HeadIndex>());
        var others = ImmutableArray.CreateBuilder<string>();
        foreach (var text in interventions)
        {
            if (InterventionLine.Read(text) is not { } line)
            {
                others.Add(text);
                continue;
            }

            var heads = line.Heads.Select(head => new HeadIndex(line.Site.Layer, head)).ToList();
            var (ofValue, ofOutput) =
                (line.Site.Activation == Activation.HeadValue, line.Site.Activation == Activation.HeadOutput);
            // A head whose values are 0 has the output 0.
            if (line.IsZero && (ofValue || ofOutput))
            {
                (ofValue ? values : outputs).UnionWith(heads);
                continue;
            }

            // What comes last at a site holds, and an output that is given does not follow from values. 0 stays 0 at a
            // position, or times a number.
            if (line.Verb is not ("zero" or "scale"))
            {
                if (ofValue || ofOutput)
                    values.ExceptWith(heads);
                if (ofOutput)
                    outputs.ExceptWith(heads);
            }

            others.Add(Words(line));
        }

        return new([.. values.Union(outputs).Order()], [.. others]);
    }

    static string Words(InterventionLine line)
    {
        var at = line.Positions.Length switch { 0 => "", 1 => " at position ", _ => " at positions " };
        return $"{line.Verb} the {Place(line)}{at}{string.Join(", ", line.Positions)}";
    }

    static string Place(InterventionLine line)
    {
        var layer = string.Create(CultureInfo.InvariantCulture, $"layer {line.Site.Layer}");
        var heads = string.Join(", ", line.Heads.Select(head => new HeadIndex(line.Site.Layer, head)));
        // Its number is not that of a query head.
        var groups = $"key/value head{(line.Heads.Length == 1 ? "" : "s")} {string.Join(", ", line.Heads)} of {layer}";
        return line.Site.Activation switch
        {
            Activation.Embedding => "token embeddings",
            Activation.FinalNorm => "final norm",
            Activation.Logits => "logits",
            Activation.ResidualBefore => $"residual stream before {layer}",
            Activation.ResidualMiddle => $"residual stream between attention and MLP of {layer}",
            Activation.ResidualAfter => $"residual stream after {layer}",
            Activation.AttentionInput => $"attention input of {layer}",
            Activation.AttentionOutput => $"attention output of {layer}",
            Activation.MlpInput => $"MLP input of {layer}",
            Activation.MlpNeurons => $"MLP neurons of {layer}",
            Activation.MlpOutput => $"MLP output of {layer}",
            Activation.Query => $"query of {heads}",
            Activation.RotatedQuery => $"rotated query of {heads}",
            Activation.HeadKey => $"rotated key of {heads}",
            Activation.HeadValue => $"value of {heads}",
            Activation.Pattern => $"attention pattern of {heads}",
            Activation.HeadOutput => $"output of {heads}",
            Activation.Key => $"key of {groups}",
            Activation.RotatedKey => $"rotated key of {groups}",
            _ => $"value of {groups}",
        };
    }
}
