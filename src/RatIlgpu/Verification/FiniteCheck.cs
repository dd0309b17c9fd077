using RatIlgpu.Models;
using RatIlgpu.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace RatIlgpu.Verification;

/// <summary>Finds out why the results of a model are not finite numbers.</summary>
/// <remarks>For use after a run has failed: to read every weight before each run would take longer than many
/// runs.</remarks>
public static class FiniteCheck
{
    /// <summary>Names the first weight with a number that is NaN or infinite; where all are finite, the first
    /// activation that is not in a run of the prompts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">The prompts to run; their probes are not used.</param>
    /// <param name="cancellation">Stops the runs.</param>
    /// <returns>A sentence; null where weights and activations are finite.</returns>
    /// <exception cref="OperationCanceledException">A run was cancelled.</exception>
    public static string? CauseOf(
        Qwen2Model model, IEnumerable<BatchPrompt> prompts, CancellationToken cancellation = default)
    {
        if (model.Weights.NotFinite() is { } weight)
            return $"{weight}, expected finite numbers: the training diverged, or the file is damaged.";
        var options = new ForwardOptions
        {
            ProbeTakesBlocks = true,
            StopAfter = model.Weights.HasUnembedding ? Site.Logits : Site.FinalNorm,
            Cancellation = cancellation,
        };
        foreach (var prompt in prompts)
        {
            var probe = new FirstNotFinite();
            model.RunAll([prompt with { Probe = probe }], options);
            if (probe.Found is { } site)
                return $"The weights are finite, but at {site} a number grows beyond F32.";
        }

        return null;
    }

    sealed class FirstNotFinite : IProbe
    {
        public Site? Found { get; private set; }

        public void Begin(int firstPosition, int positionCount)
        {
        }

        // The pattern grows with the square of the prompt; what is not finite in it is so in what the heads read.
        public bool Wants(Site site) =>
            site.Activation is not (Activation.Pattern or Activation.HeadKey or Activation.HeadValue);

        public void Show(Site site, Tensor activation, Device device)
        {
            if (Found is null && !float.IsFinite(TensorPrimitives.MaxMagnitude<float>(device.Download(activation))))
                Found = site;
        }
    }
}
