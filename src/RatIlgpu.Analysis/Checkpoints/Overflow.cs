using RatIlgpu.Verification;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Analysis;

/// <summary>Finds out why a run of one of two models, whose weights are finite, is not.</summary>
static class Overflow
{
    // As many numbers are held at a time.
    const int Piece = 1 << 20;

    /// <summary>Names the model, the place of the run, and the largest weight.</summary>
    /// <param name="pair">The models.</param>
    /// <param name="sequences">What was run.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>A sentence; null where the runs of both models are finite.</returns>
    public static string? CauseOf(
        CheckpointPair pair, IEnumerable<TextSequence> sequences, CancellationToken cancellation)
    {
        foreach (var (which, model) in new[] { ("A", pair.A), ("B", pair.B) })
            if (FiniteCheck.CauseOf(
                model.Network, sequences.Select(sequence => new BatchPrompt(sequence.Ids)), cancellation) is { } cause)
            {
                var (name, most) = Largest(model.Network, cancellation);
                return $"{CheckpointPair.Named(which, model)}: {cause} Its largest weight is "
                    + FormattableString.Invariant($"{most:G3}, of '{name}', expected weights of usual sizes: the ")
                    + "training diverged, or the file is damaged.";
            }

        return null;
    }

    static (string Name, float Most) Largest(Qwen2Model model, CancellationToken cancellation)
    {
        var (name, most) = ("", -1f);
        foreach (var weight in model.Weights.All)
        {
            var (rows, columns) = weight.Weight.Shape.Rank == 1
                ? (1, weight.Weight.Shape[0])
                : (weight.Weight.Shape[0], weight.Weight.Shape[1]);
            foreach (var numbers in Enumerable.Range(0, rows).Chunk(Math.Max(1, Piece / columns)))
            {
                cancellation.ThrowIfCancellationRequested();
                var found = Math.Abs(TensorPrimitives.MaxMagnitude<float>(model.Rows(weight.Weight, numbers)));
                if (found > most)
                    (name, most) = (weight.Name, found);
            }
        }

        return (name, most);
    }
}
