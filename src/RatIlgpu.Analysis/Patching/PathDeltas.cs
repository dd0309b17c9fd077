namespace RatIlgpu.Analysis;

/// <summary>The change of the inputs of later heads that follows from the difference of one head between two
/// runs.</summary>
sealed class PathDeltas
{
    readonly Qwen2Model model;
    readonly RunPair both;
    readonly NormTreatment norm;
    readonly float[] stream;

    /// <summary>Computes how much more a source writes to the stream in the clean run: <c>Δr = Wo(z clean − z
    /// corrupted)</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="both">The runs, with the head outputs of the source's layer; the corrupted one with the streams
    /// before later layers too.</param>
    /// <param name="source">The source.</param>
    /// <param name="norm">How the change goes through the norm of a later layer.</param>
    public PathDeltas(Qwen2Model model, RunPair both, HeadIndex source, NormTreatment norm)
    {
        (this.model, this.both, this.norm) = (model, both, norm);
        var difference = Positions.IsEmpty ? [] : OutputDifference(source);
        IsZero = !difference.AsSpan().ContainsAnyExcept(0f);
        stream = IsZero ? [] : Linear(difference, model.Weights.Layers[source.Layer].Output);
    }

    /// <summary>Gets whether the source is the same in both runs.</summary>
    public bool IsZero { get; }

    /// <summary>Returns the change of an input of a layer, <c>[position, head, headSize]</c>, before
    /// rotation.</summary>
    public float[] Into(int layer, HeadInput input)
    {
        var w = model.Weights.Layers[layer];
        var weight = input switch
        {
            HeadInput.Query => w.Query,
            HeadInput.Key => w.Key,
            _ => w.Value,
        };
        // A bias is the same in both runs.
        return IsZero ? [] : Linear(Normed(layer), weight);
    }

    ImmutableArray<int> Positions => both.Positions;

    // Clean minus corrupted head output of the source; zero for other heads.
    float[] OutputDifference(HeadIndex source)
    {
        var (size, inputs) = (model.Config.HeadSize, model.Config.HeadCount * model.Config.HeadSize);
        var site = new Site(Activation.HeadOutput, source.Layer);
        var difference = new float[checked(Positions.Length * inputs)];
        for (var row = 0; row < Positions.Length; row++)
        {
            var clean = both.Clean[site].Row(Positions[row], source.Head);
            var corrupted = both.Corrupted[site].Row(Positions[row], source.Head);
            for (var i = 0; i < size; i++)
                difference[row * inputs + source.Head * size + i] = clean[i] - corrupted[i];
        }

        return difference;
    }

    float[] Linear(float[] rows, Tensors.Tensor weight)
    {
        var device = model.Device;
        using var x = device.Allocate(Positions.Length, rows.Length / Positions.Length);
        using var result = device.Allocate(Positions.Length, weight.Shape[0]);
        device.Upload(rows, x);
        device.Linear(x, weight, null, result);
        return device.Download(result);
    }

    // Δn = g ⊙ Δr / σ(x), or g ⊙ ((x + Δr) / σ(x + Δr) − x / σ(x)).
    float[] Normed(int layer)
    {
        var gain = model.Rows(model.Weights.Layers[layer].AttentionGain, 0);
        var (width, epsilon) = (gain.Length, model.Config.RmsNormEpsilon);
        var normed = new float[stream.Length];
        for (var row = 0; row < Positions.Length; row++)
        {
            var x = both.Corrupted[new(Activation.ResidualBefore, layer)].Row(Positions[row]);
            var delta = stream.AsSpan(row * width, width);
            var result = normed.AsSpan(row * width, width);
            var before = RowMath.RmsScale(x, epsilon);
            var after = norm == NormTreatment.FrozenScale ? before : RowMath.RmsScale(x, epsilon, delta);
            for (var i = 0; i < width; i++)
                result[i] = (float)(gain[i] * ((x[i] + (double)delta[i]) / after - x[i] / before));
        }

        return normed;
    }
}
