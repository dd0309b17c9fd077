using RatIlgpu.Tensors;

namespace RatIlgpu.Models;

/// <summary>An activation that the pass made.</summary>
/// <param name="Site">The site.</param>
/// <param name="Activation">The activation of all prompts.</param>
/// <param name="Prompts">The rows of each prompt; of a single prompt, the whole activation is its own.</param>
sealed record Made(Site Site, Tensor Activation, ImmutableArray<PromptRows> Prompts)
{
    /// <summary>Gets whether a probe looks at it.</summary>
    public bool IsWanted { get; init; }

    /// <summary>Gets whether no other part of the activation follows. Inside attention each prompt is a part, and the
    /// logits may be cut into blocks of positions.</summary>
    public bool IsLast { get; init; } = true;

    /// <summary>Returns an activation that belongs to the prompt of a span alone.</summary>
    public static Made Of(PromptSpan span, Site site, Tensor activation, bool isLast) =>
        new(site, activation, [new(span.Prompt, 0, activation.Shape[0])]) { IsLast = isLast };

    /// <summary>Returns the activation of each prompt.</summary>
    public IEnumerable<(int Prompt, Tensor Activation)> Split() => Prompts.Length == 1
        ? [(Prompts[0].Prompt, Activation)]
        : Prompts.Select(rows => (rows.Prompt, Activation.Slice(rows.First, rows.Count)));
}
