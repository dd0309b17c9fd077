namespace RatIlgpu.Analysis;

/// <summary>Interventions that take their numbers from recordings of other runs.</summary>
public static class RecordedInterventions
{
    extension(Intervention)
    {
        /// <summary>Replaces the activation by that of another run, position by position.</summary>
        /// <param name="target">The activation, heads and positions to change; without positions, all recorded
        /// ones.</param>
        /// <param name="source">The other run: of the same model, over a prompt of the same length, with the activation
        /// recorded.</param>
        /// <exception cref="ArgumentException">The recording is of another model or does not have the activation, a
        /// head or a position; or the target is keys or values of a query head alone, and these were changed in the
        /// other run.</exception>
        public static Intervention Replace(InterventionTarget target, Recording source)
        {
            source.CheckFor(target.Model);
            var recorded = source[target.Site];
            Need(target, recorded, target.Positions ?? recorded.Positions);
            return Intervention.ReplaceRows(
                target,
                new(recorded.Numbers, (position, head) =>
                    recorded.Has(position) ? IndexOf(target, recorded, position, head) : null),
                "replace",
                source.TokenIds.Length);
        }

        /// <summary>Replaces the activation by its mean over the positions of other runs, head by head.</summary>
        /// <param name="target">The activation, heads and positions to change; not a pattern, whose rows differ in
        /// their keys.</param>
        /// <param name="sources">The other runs, at least one, of the same model, with the activation recorded.</param>
        /// <exception cref="ArgumentException">A recording is of another model or does not have the activation or a
        /// head, there is no recording, or the target is a pattern; or the target is keys or values of a query head
        /// alone, and these were changed in another run.</exception>
        public static Intervention Mean(InterventionTarget target, params ReadOnlySpan<Recording> sources)
        {
            if (target.Width is null)
                throw new ArgumentException(
                    $"Nothing can be averaged at {target.Site}: its rows are not over the same keys.");
            if (sources.IsEmpty)
                throw new ArgumentException("There is no recording to average over: at least one is needed.");
            foreach (var source in sources)
            {
                source.CheckFor(target.Model);
                Need(target, source[target.Site], source[target.Site].Positions);
            }

            var means = new List<float>();
            foreach (var head in target.Heads)
                means.AddRange(MeanOf(target, sources, head));
            return Intervention.ReplaceRows(
                target,
                new(new(target.Width.Value, [.. means]), (_, head) => target.Heads.BinarySearch(head)),
                "average");
        }
    }

    static IEnumerable<float> MeanOf(InterventionTarget target, ReadOnlySpan<Recording> sources, int head)
    {
        var sum = new double[target.Width!.Value];
        var count = 0;
        foreach (var source in sources)
        {
            var recorded = source[target.Site];
            foreach (var position in recorded.Positions)
            {
                var row = recorded.Values.Slice(IndexOf(target, recorded, position, head) * sum.Length, sum.Length);
                for (var i = 0; i < sum.Length; i++)
                    sum[i] += row[i];
                count++;
            }
        }

        return sum.Select(total => (float)(total / count));
    }

    // A query head reads the key/value head of its group.
    static int IndexOf(InterventionTarget target, RecordedActivation recorded, int position, int head)
    {
        if (recorded.Heads.IsEmpty)
            return recorded.IndexOf(position);
        HeadRows.CheckShared(recorded, target.ChangedSite.Activation, head);
        return recorded.IndexOf(
            position, target.ChangedSite == target.Site ? head : head / target.Model.Config.GroupSize);
    }

    static void Need(InterventionTarget target, RecordedActivation recorded, ImmutableArray<int> positions)
    {
        // A file may claim to be of this model and still hold rows of another width.
        if (target.Width is { } width && recorded.Width != width)
            throw new ArgumentException($"{target.Site} was recorded {recorded.Width} wide, expected {width}.");
        foreach (var position in positions)
            foreach (var head in target.Heads)
                IndexOf(target, recorded, position, head);
    }
}
