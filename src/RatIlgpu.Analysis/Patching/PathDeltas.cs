using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What the difference of heads of a layer between two runs does to the inputs of later heads.</summary>
sealed class PathDeltas
{
    readonly Qwen2Model model;
    readonly RunPair both;
    readonly NormTreatment norm;
    readonly float[] stream;

    /// <summary>Finds what each source adds to the stream more in the clean run than in the corrupted one: <c>Δr =
    /// Wo(z clean − z corrupted)</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="both">The runs, with the head mixes of <paramref name="layer"/>, and the corrupted one with the
    /// streams before the later layers.</param>
    /// <param name="layer">The layer of the sources.</param>
    /// <param name="sources">Which heads of it.</param>
    /// <param name="norm">How the change goes through norms.</param>
    public PathDeltas(
        Qwen2Model model, RunPair both, int layer, ImmutableArray<int> sources, NormTreatment norm)
    {
        (this.model, this.both, this.norm, Sources) = (model, both, norm, sources);
        stream = new float[sources.Length * Positions.Length * model.Config.HiddenSize];
        IsZero = [.. sources.Select(_ => true)];
        if (stream.Length > 0 && layer < model.Config.LayerCount - 1)
            Write(layer);
    }

    /// <summary>Gets the heads.</summary>
    public ImmutableArray<int> Sources { get; }

    /// <summary>Gets for each source whether the two runs do not differ in it.</summary>
    public bool[] IsZero { get; }

    /// <summary>Returns the change of an input of a layer: <c>[source, position, head, headSize]</c>, before
    /// rotation.</summary>
    public float[] Into(int layer, HeadInput input)
    {
        var (device, w) = (model.Device, model.Weights.Layers[layer]);
        var weight = input switch
        {
            HeadInput.Query => w.Query,
            HeadInput.Key => w.Key,
            _ => w.Value,
        };
        var rows = Sources.Length * Positions.Length;
        using var normed = device.Allocate(rows, model.Config.HiddenSize);
        using var delta = device.Allocate(rows, weight.Shape[0]);
        device.Upload(Normed(layer), normed);
        // A bias is the same in both runs.
        device.Linear(normed, weight, null, delta);
        return device.Download(delta);
    }

    ImmutableArray<int> Positions => both.Positions;

    void Write(int layer)
    {
        var (config, device) = (model.Config, model.Device);
        var (size, inputs) = (config.HeadSize, config.HeadCount * config.HeadSize);
        var site = new Site(Activation.HeadMix, layer);
        var rows = Sources.Length * Positions.Length;
        var mix = new float[rows * inputs];
        for (var row = 0; row < rows; row++)
        {
            var (head, position) = (Sources[row / Positions.Length], Positions[row % Positions.Length]);
            var a = both.Clean[site].Row(position, head);
            var b = both.Corrupted[site].Row(position, head);
            for (var i = 0; i < size; i++)
                mix[row * inputs + head * size + i] = a[i] - b[i];
            IsZero[row / Positions.Length] &= a.SequenceEqual(b);
        }

        using var all = device.Allocate(rows, inputs);
        using var added = device.Allocate(rows, config.HiddenSize);
        device.Upload(mix, all);
        device.Linear(all, model.Weights.Layers[layer].Output, null, added);
        device.Download(added, stream);
    }

    // Δn = g ⊙ Δr / σ(x), or g ⊙ ((x + Δr) / σ(x + Δr) − x / σ(x)).
    float[] Normed(int layer)
    {
        var gain = model.Rows(model.Weights.Layers[layer].AttentionGain, 0);
        var width = gain.Length;
        var normed = new float[stream.Length];
        for (var row = 0; row < stream.Length / width; row++)
        {
            var x = both.Corrupted[new(Activation.ResidualBefore, layer)].Row(Positions[row % Positions.Length]);
            var delta = stream.AsSpan(row * width, width);
            var result = normed.AsSpan(row * width, width);
            var before = Scale(x, default);
            var after = norm == NormTreatment.FrozenScale ? before : Scale(x, delta);
            for (var i = 0; i < width; i++)
                result[i] = (float)(gain[i] * ((x[i] + (double)delta[i]) / after - x[i] / before));
        }

        return normed;
    }

    // σ(x + Δr) = sqrt(mean((x + Δr)²) + ε)
    double Scale(ReadOnlySpan<float> x, ReadOnlySpan<float> delta)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
        {
            var value = x[i] + (delta.IsEmpty ? 0.0 : delta[i]);
            sum += value * value;
        }

        return Math.Sqrt(sum / x.Length + model.Config.RmsNormEpsilon);
    }
}
