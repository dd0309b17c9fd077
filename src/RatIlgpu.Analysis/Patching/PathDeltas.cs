using System.Collections.Immutable;
using RatIlgpu.Models;

namespace RatIlgpu.Analysis;

/// <summary>What the difference of heads of a layer between two runs does to the inputs of later heads.</summary>
sealed class PathDeltas
{
    readonly Qwen2Model model;
    readonly Recording corrupted;
    readonly NormTreatment norm;
    readonly ImmutableArray<int> positions;
    readonly float[] stream;

    /// <summary>Finds what each source adds to the stream more in the clean run than in the corrupted one: <c>Δr =
    /// Wo(z clean − z corrupted)</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="clean">The clean run, with the head mixes of <paramref name="layer"/>.</param>
    /// <param name="corrupted">The corrupted run, with these and the streams before the later layers.</param>
    /// <param name="layer">The layer of the sources.</param>
    /// <param name="sources">Which heads of it.</param>
    /// <param name="positions">The positions of the runs.</param>
    /// <param name="norm">How the change goes through norms.</param>
    public PathDeltas(
        Qwen2Model model,
        Recording clean,
        Recording corrupted,
        int layer,
        ImmutableArray<int> sources,
        ImmutableArray<int> positions,
        NormTreatment norm)
    {
        (this.model, this.corrupted, this.norm, this.positions, Sources) = (model, corrupted, norm, positions, sources);
        stream = new float[sources.Length * positions.Length * model.Config.HiddenSize];
        IsZero = [.. sources.Select(_ => true)];
        if (stream.Length > 0 && layer < model.Config.LayerCount - 1)
            Write(layer, clean);
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
        var rows = Sources.Length * positions.Length;
        using var normed = device.Allocate(rows, model.Config.HiddenSize);
        using var delta = device.Allocate(rows, weight.Shape[0]);
        device.Upload(Normed(layer), normed);
        // A bias is the same in both runs.
        device.Linear(normed, weight, null, delta);
        return device.Download(delta);
    }

    void Write(int layer, Recording clean)
    {
        var (config, device) = (model.Config, model.Device);
        var (size, inputs) = (config.HeadSize, config.HeadCount * config.HeadSize);
        var site = new Site(Activation.HeadMix, layer);
        var rows = Sources.Length * positions.Length;
        var mix = new float[rows * inputs];
        for (var row = 0; row < rows; row++)
        {
            var (head, position) = (Sources[row / positions.Length], positions[row % positions.Length]);
            var a = clean[site].Row(position, head);
            var b = corrupted[site].Row(position, head);
            for (var i = 0; i < size; i++)
                mix[row * inputs + head * size + i] = a[i] - b[i];
            IsZero[row / positions.Length] &= a.SequenceEqual(b);
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
            var x = corrupted[new(Activation.ResidualBefore, layer)].Row(positions[row % positions.Length]);
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
