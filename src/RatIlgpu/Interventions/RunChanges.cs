using System.Text.RegularExpressions;
using RatIlgpu.Interventions;

namespace RatIlgpu;

/// <summary>What was changed in a run, in words for a reader, from the lines that recordings and traces keep, which are
/// those of <see cref="Intervention.ToString"/>.</summary>
/// <param name="Ablated">The heads that went without values, or without output, at all positions; ascending, each
/// once.</param>
/// <param name="Others">All else in the order of the run, such as <c>scale the MLP output of layer 1</c>; a line in
/// other words as it is.</param>
public sealed partial record RunChanges(ValueArray<HeadIndex> Ablated, ValueArray<string> Others)
{
    [GeneratedRegex(
        @"\A(?<verb>.+?) (?<activation>[A-Z][A-Za-z]+)( of layer (?<layer>[0-9]{1,6}))?"
        + @"(, heads (?<head>[0-9]{1,6})(, (?<head>[0-9]{1,6}))*)?"
        + @"(, positions (?<positions>[0-9]{1,9}(, [0-9]{1,9})*))?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Line { get; }

    /// <summary>Reads the changes of a run.</summary>
    /// <param name="interventions">The lines, such as those of <see cref="TraceResult.Interventions"/>.</param>
    public static RunChanges Of(IEnumerable<string> interventions)
    {
        ArgumentNullException.ThrowIfNull(interventions);
        var (values, outputs) = (new SortedSet<HeadIndex>(), new SortedSet<HeadIndex>());
        var others = ImmutableArray.CreateBuilder<string>();
        foreach (var line in interventions)
        {
            if (Change.Of(line) is not { } change)
            {
                others.Add(line);
                continue;
            }

            if (change.IsAblation)
            {
                (change.Site.Activation == Activation.HeadValue ? values : outputs).UnionWith(change.Heads);
                continue;
            }

            // What comes last at a site holds, and an output that is given does not follow from values.
            if (change.CanEndZero && change.Site.Activation is (Activation.HeadValue or Activation.HeadOutput))
                values.ExceptWith(change.Heads);
            if (change.CanEndZero && change.Site.Activation == Activation.HeadOutput)
                outputs.ExceptWith(change.Heads);
            others.Add(change.ToString());
        }

        return new([.. values.Union(outputs).Order()], [.. others]);
    }

    /// <summary>A line in its parts.</summary>
    /// <param name="Verb">The kind of change.</param>
    /// <param name="Site">The changed activation.</param>
    /// <param name="Heads">The heads, query heads or key/value heads; empty if the activation has none.</param>
    /// <param name="Positions">The positions, with commas between; empty for all.</param>
    sealed record Change(string Verb, Site Site, ImmutableArray<HeadIndex> Heads, string Positions)
    {
        // A head whose values are 0 has the output 0.
        public bool IsAblation => Verb == "zero" && Positions.Length == 0 && !Heads.IsEmpty
            && Site.Activation is Activation.HeadValue or Activation.HeadOutput;

        // 0 stays 0 at a position, or times a number.
        public bool CanEndZero => Verb is not ("zero" or "scale");

        // Null for a line in other words.
        public static Change? Of(string line)
        {
            var found = Line.Match(line);
            if (!found.Success || !Enum.TryParse<Activation>(found.Groups["activation"].ValueSpan, out var activation))
                return null;
            var layer = found.Groups["layer"];
            var site = new Site(activation, layer.Success ? Number(layer) : 0);
            var heads = found.Groups["head"].Captures;
            return site.IsInLayer == layer.Success && ActivationAxes.HasHeads(activation) == heads.Count > 0
                ? new(
                    found.Groups["verb"].Value, site,
                    [.. heads.Select(head => new HeadIndex(site.Layer, Number(head)))],
                    found.Groups["positions"].Value)
                : null;
        }

        public override string ToString()
        {
            var positions = Positions.Contains(',', StringComparison.Ordinal) ? "positions" : "position";
            return $"{Verb} the {Place}{(Positions.Length > 0 ? $" at {positions} {Positions}" : "")}";
        }

        string Place => Site.Activation switch
        {
            Activation.Embedding => "token embeddings",
            Activation.FinalNorm => "final norm",
            Activation.Logits => "logits",
            Activation.ResidualBefore => $"residual stream before {Layer}",
            Activation.ResidualMiddle => $"residual stream between attention and MLP of {Layer}",
            Activation.ResidualAfter => $"residual stream after {Layer}",
            Activation.AttentionInput => $"attention input of {Layer}",
            Activation.AttentionOutput => $"attention output of {Layer}",
            Activation.MlpInput => $"MLP input of {Layer}",
            Activation.MlpNeurons => $"MLP neurons of {Layer}",
            Activation.MlpOutput => $"MLP output of {Layer}",
            Activation.Query => $"query of {QueryHeads}",
            Activation.RotatedQuery => $"rotated query of {QueryHeads}",
            Activation.HeadKey => $"rotated key of {QueryHeads}",
            Activation.HeadValue => $"value of {QueryHeads}",
            Activation.Pattern => $"attention pattern of {QueryHeads}",
            Activation.HeadOutput => $"output of {QueryHeads}",
            Activation.Key => $"key of {KeyValueHeads}",
            Activation.RotatedKey => $"rotated key of {KeyValueHeads}",
            _ => $"value of {KeyValueHeads}",
        };

        string Layer => string.Create(CultureInfo.InvariantCulture, $"layer {Site.Layer}");

        string QueryHeads => string.Join(", ", Heads);

        // Its number is not that of a query head.
        string KeyValueHeads =>
            $"key/value head{(Heads.Length == 1 ? "" : "s")} {string.Join(", ", Heads.Select(head => head.Head))} of "
            + Layer;

        static int Number(Capture digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);
    }
}
