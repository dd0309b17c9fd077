using RatIlgpu.Analysis;

namespace RatIlgpu.Testing;

/// <summary>A kind of intervention, and the row that it leaves, computed by hand.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Make">Makes the intervention; the recording is of another prompt.</param>
/// <param name="Left">Returns the row that it leaves, given the row, the position, the head, and the rows of the other
/// prompt at every position.</param>
sealed record TriedChange(
    string Name,
    Func<InterventionTarget, Recording, Intervention> Make,
    Func<float[], int, int, float[][], float[]> Left)
{
    const float Factor = -1.5f;

    /// <summary>Gets one of each kind.</summary>
    public static IReadOnlyList<TriedChange> All { get; } =
    [
        new("zero", (target, _) => Intervention.Zero(target), (row, _, _, _) => new float[row.Length]),
        new(
            "scale",
            (target, _) => Intervention.Scale(target, Factor),
            (row, _, _, _) => [.. row.Select(number => number * Factor)]),
        new(
            "edit",
            (target, _) => Intervention.Edit(target, Edit),
            (row, position, head, _) =>
            {
                Edit(position, head, row);
                return row;
            }),
        new(
            "replace",
            (target, other) => Intervention.Replace(target, other),
            (_, position, _, others) => others[position]),
        new("add", (target, _) => Intervention.Add(target, [.. Added(target.Width!.Value)]), (row, _, _, _) =>
            [.. row.Zip(Added(row.Length), (a, b) => a + b)]),
        new("mean", (target, other) => Intervention.Mean(target, other), (row, _, _, others) =>
            [.. row.Select((_, i) => (float)others.Average(other => (double)other[i]))]),
    ];

    /// <summary>Gets whether the change depends on the row that it changes, which a normed copy of the row does not
    /// tell.</summary>
    public bool NeedsLength => Name is "scale" or "edit" or "add";

    /// <summary>Returns whether the kind is defined for an activation.</summary>
    public bool Fits(Activation activation) => activation != Activation.Pattern || Name is not ("add" or "mean");

    static IEnumerable<float> Added(int count) => Enumerable.Range(0, count).Select(i => 1 + i % 3 * 0.5f);

    static void Edit(int position, int head, Span<float> row)
    {
        row.Reverse();
        row[0] += 1 + position + 0.5f * head;
    }
}
