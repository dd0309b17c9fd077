using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Text;
using RatIlgpu.Tracing;
using RatIlgpu.Weights;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Verification;

/// <summary>Holds a device to the reference activations and traces of golden folders.</summary>
/// <param name="device">The device.</param>
public sealed class Verifier(Device device)
{
    /// <summary>Runs a golden folder.</summary>
    /// <param name="folder">A checkpoint with <c>golden.json</c> and <c>golden.safetensors</c> (F64) beside it.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="FileNotFoundException">There is no config, no weights or no reference activations.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or describes another architecture, or there is no
    /// <c>golden.json</c>.</exception>
    /// <exception cref="ArithmeticException">A logit is not a number, or infinite.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public VerificationReport Verify(string folder, CancellationToken cancellation = default)
    {
        var golden = GoldenFolder.Read(folder);
        using var checkpoint = Checkpoint.Open(folder);
        using var model = new Qwen2Model(golden.Config, checkpoint, device);
        var bounds = VerificationBounds.Of(golden.Config, golden.Ids.Length);
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        return new VerificationReport(folder, [Run("plain", null), Run("masked", golden.AttentionMask)]);

        VerifiedRun Run(string name, ImmutableArray<int>? mask)
        {
            // Once without a probe, once with a probe on each layer's pattern and stream.
            var options = new ForwardOptions { AttentionMask = mask, Cancellation = cancellation };
            var inside = new InsideError(name, reference);
            var (plain, watched) = (Logits(options), Logits(options with { Probe = inside }));
            if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(plain)))
                throw NotFinite(model, new(golden.Ids) { AttentionMask = mask }, folder, cancellation);
            var expected = reference.Tensor($"{name}.logits");
            var traces = golden.Traces.Where(trace => trace.IsMasked == mask.HasValue).ToImmutableArray();
            return new VerifiedRun(
                name,
                bounds,
                inside.Pattern,
                inside.Stream,
                Math.Max(Difference(expected, plain), Difference(expected, watched)),
                Largest(expected, plain, (a, _) => Math.Abs(a)),
                traces.Length,
                [.. traces.Select((trace, index) => (Miss: Compare(trace), index))
                    .Where(found => found.Miss is not null).Select(found => $"trace {found.index}: {found.Miss}")]);
        }

        float[] Logits(ForwardOptions options)
        {
            using var logits = model.Forward(golden.Ids.AsSpan(), options);
            return device.Download(logits);
        }

        string? Compare(GoldenTrace trace)
        {
            var found = TraceRun.Of(model, golden.Ids.AsSpan(), trace.Options, cancellation).Paths;
            return PathMiss(trace.Paths, found, bounds) ?? LinkMiss(trace, found, golden.Ids, bounds);
        }
    }

    static ArithmeticException NotFinite(
        Qwen2Model model, BatchPrompt prompt, string folder, CancellationToken cancellation) =>
        new($"{folder}: the logits are not numbers. {FiniteCheck.CauseOf(model, [prompt], cancellation)}");

    static string? PathMiss(
        ImmutableArray<BeamPath> expected, ImmutableArray<BeamPath> found, VerificationBounds bounds)
    {
        if (found.Length != expected.Length)
            return $"{found.Length} paths, expected {expected.Length}";
        for (var i = 0; i < found.Length; i++)
        {
            var (path, golden) = (found[i], expected[i]);
            if (!path.Positions.SequenceEqual(golden.Positions))
                return $"path {i} is {string.Join('-', path.Positions)}, expected {string.Join('-', golden.Positions)}";
            var attention = path.EdgeAttentions.Zip(golden.EdgeAttentions, (a, b) => Math.Abs(a - b))
                .DefaultIfEmpty().Max();
            if (!(attention <= bounds.Attention))
                return FormattableString.Invariant($"path {i} differs by {attention:E1} in an attention");
            var score = Math.Max(ScoreError(path.RawScore, golden.RawScore), ScoreError(path.Score, golden.Score));
            if (!(score <= bounds.Score))
                return FormattableString.Invariant($"path {i} differs by {score:E1} in a score");
        }

        return null;
    }

    static double ScoreError(double found, double expected) =>
        Math.Abs(found - expected) / Math.Max(1, Math.Abs(expected));

    static string? LinkMiss(
        GoldenTrace trace, ImmutableArray<BeamPath> found, ImmutableArray<int> ids, VerificationBounds bounds)
    {
        var weights = PathWeights.Softmax([.. found.Select(path => path.Score)]);
        ImmutableArray<TokenText> tokens = [.. ids.Select(id => new TokenText(id, "", []))];
        var graph = SankeyGraph.Build(found, weights, trace.Options.Layer.Value, tokens);
        if (!graph.Nodes.Select(node => node.Position).SequenceEqual(trace.Nodes))
            return "the Sankey graph has other nodes";
        if (graph.Links.Length != trace.Links.Length)
            return $"{graph.Links.Length} links, expected {trace.Links.Length}";
        foreach (var (link, golden) in graph.Links.Zip(trace.Links))
        {
            var name = $"link {link.Source} to {link.Target} of the Sankey graph";
            if ((link.Source, link.Target) != (golden.Source, golden.Target))
                return $"{name} is {golden.Source} to {golden.Target} in the reference";
            if (!link.PathIndices.SequenceEqual(golden.PathIndices))
                return $"{name} is on other paths";
            if (!(Math.Abs(link.Value - golden.Value) <= bounds.Score))
                return $"{name} has another value";
        }

        return null;
    }

    static double Largest(HostTensor expected, ReadOnlySpan<float> found, Func<double, double, double> measure)
    {
        if (expected.DataType != DataType.F64 || expected.Shape.Count != found.Length)
            throw new InvalidDataException(
                $"golden.safetensors: a reference is {expected}, expected {found.Length} numbers in F64.");
        var numbers = expected.AsSpan<double>(0, found.Length);
        var largest = 0.0;
        for (var i = 0; i < found.Length; i++)
            largest = Math.Max(largest, measure(numbers[i], found[i]));
        return largest;
    }

    static double Difference(HostTensor expected, ReadOnlySpan<float> found) =>
        Largest(expected, found, (a, b) => Math.Abs(a - b));

    // Compares the pattern of every layer, and the stream after it as a share of the stream's largest number.
    sealed class InsideError(string run, SafetensorsFile reference) : IProbe
    {
        public double Pattern { get; private set; }

        public double Stream { get; private set; }

        public void Begin(int firstPosition, int positionCount)
        {
        }

        public bool Wants(Site site) => site.Activation is Activation.Pattern or Activation.ResidualAfter;

        public void Show(Site site, Tensor activation, Device device)
        {
            var found = device.Download(activation);
            if (site.Activation == Activation.Pattern)
            {
                var pattern = reference.Tensor($"{run}.pattern.{site.Layer}");
                Pattern = Math.Max(Pattern, Difference(pattern, found));
                return;
            }

            var stream = reference.Tensor($"{run}.resid_post.{site.Layer}");
            var largest = Largest(stream, found, (a, _) => Math.Abs(a));
            Stream = Math.Max(Stream, Difference(stream, found) / largest);
        }
    }
}
