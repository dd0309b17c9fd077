using RatIlgpu.Devices;
using RatIlgpu.Models;
using RatIlgpu.Tensors;

namespace RatIlgpu.Interventions;

/// <summary>The rows that an intervention takes from a source, in the memory of a device.</summary>
sealed class SourceOnDevice(RowSource source, InterventionTarget target, Device device) : IDisposable
{
    readonly Dictionary<(int Position, int Head), int> rotatedRows = [];
    NumbersOnDevice? held;
    Tensor? rotated;
    int end;

    /// <summary>Returns the rows of the source as a tensor, and those among them for some rows of the target. Rows for
    /// which the source has none are left out.</summary>
    public (Tensor Source, int[] SourceRows, int[] Rows) For(IReadOnlyList<ShownRow> shown)
    {
        if (target.IsRotated)
            Rotate(shown.Max(row => row.Position) + 1);
        var (sourceRows, rows) = (new List<int>(), new List<int>());
        foreach (var row in shown)
            if (RowOf(row) is { } place)
            {
                sourceRows.Add(place);
                rows.Add(row.Row);
            }

        // The rotated rows may be none at all.
        var table = rotated ?? (held ??= source.Numbers.On(device)).Tensor;
        return (table, [.. sourceRows], [.. rows]);
    }

    public void Dispose()
    {
        held?.Dispose();
        rotated?.Dispose();
        (held, rotated, end) = (null, null, 0);
    }

    int? RowOf(ShownRow row)
    {
        if (!target.IsRotated)
            return source.RowOf(row.Position, row.Head);
        return rotatedRows.TryGetValue((row.Position, row.Head), out var place) ? place : null;
    }

    // The target means keys before norm and rotation, but the run holds them after both: makes of the row of each
    // position what the run makes of the key that it changes. Rotation is linear: a rotated sum is the sum of the
    // rotated. A norm is not, so that nothing is added to keys that are normed (Intervention).
    void Rotate(int shown)
    {
        if (shown <= end)
            return;
        // A generation shows one position more at each step.
        end = Math.Max(shown, 2 * end);
        rotatedRows.Clear();
        var (positions, rows) = (new List<int>(), new List<int>());
        foreach (var position in target.Positions ?? [.. Enumerable.Range(0, end)])
            foreach (var head in target.Heads)
                if (source.RowOf(position, head) is { } row)
                {
                    rotatedRows.Add((position, head), rows.Count);
                    positions.Add(position);
                    rows.Add(row);
                }

        rotated?.Dispose();
        rotated = null;
        if (rows.Count > 0)
            Rotate(positions, rows);
    }

    // Rows of this process that need no norm are rotated here: one upload, in place of one of rows and one of angles.
    void Rotate(List<int> positions, List<int> rows)
    {
        var gain = target.Model.Weights.Layers[target.Site.Layer].KeyGain;
        rotated = device.Allocate(rows.Count, source.Numbers.Width);
        if (gain is null && !source.Numbers.LieOn(device))
            RotateHere(positions, rows, rotated);
        else
            RotateThere(positions, rows, gain, rotated);
    }

    void RotateHere(List<int> positions, List<int> rows, Tensor result)
    {
        var (rotation, width) = (new Rotation(target.Model.Config), source.Numbers.Width);
        var numbers = new float[checked(rows.Count * width)];
        foreach (var (i, row) in rows.Index())
        {
            var rotating = numbers.AsSpan(i * width, width);
            source.Numbers.Values.AsSpan(row * width, width).CopyTo(rotating);
            rotation.Apply(positions[i], rotating);
        }

        device.Upload(numbers, result);
    }

    void RotateThere(List<int> positions, List<int> rows, Tensor? gain, Tensor result)
    {
        var (config, width) = (target.Model.Config, source.Numbers.Width);
        var (rotary, numbers) = (new RotaryEmbedding(config), new float[checked(rows.Count * width)]);
        foreach (var (i, position) in positions.Index())
            rotary.Fill(position, 1, numbers.AsSpan(i * width, width));
        using var angles = device.Allocate(rows.Count, width);
        using var taken = source.Numbers.On(device);
        device.Upload(numbers, angles);
        device.Gather(taken.Tensor, [.. rows], result);
        if (gain is not null)
            device.RmsNorm(result, gain, config.RmsNormEpsilon, result);
        var heads = result.Reshape(rows.Count, 1, width);
        device.Rotate(heads, angles, heads);
    }
}

/// <summary>A row of a shown activation that an intervention changes.</summary>
/// <param name="Position">The position of the sequence.</param>
/// <param name="Head">The head; 0 if the activation does not have heads.</param>
/// <param name="Row">The index of the row.</param>
readonly record struct ShownRow(int Position, int Head, int Row);
