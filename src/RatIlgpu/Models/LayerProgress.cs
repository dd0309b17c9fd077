using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>Tells how far a run has come.</summary>
/// <param name="listener">Who is told the share of the layers done; null for nobody.</param>
/// <param name="layers">How many layers the run goes into.</param>
/// <param name="rows">The rows of the run.</param>
struct LayerProgress(IProgress<double>? listener, int layers, int rows)
{
    long done;

    /// <summary>Notes that the run came to a site.</summary>
    public void Note(Site site, Tensor activation)
    {
        var before = done;
        // Shown once for each block of positions, near the end of its layer.
        if (site.Activation == Activation.MlpNeurons)
            done = long.Min(done + activation.Shape[0], (site.Layer + 1L) * rows);
        // Not every row is computed in the last layer.
        else if (site.Activation == Activation.ResidualAfter)
            done = (site.Layer + 1L) * rows;
        if (done != before)
            listener?.Report((double)done / ((long)layers * rows));
    }
}
