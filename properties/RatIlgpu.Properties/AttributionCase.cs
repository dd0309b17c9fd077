using FsCheck;
using FsCheck.Fluent;
using RatIlgpu.Analysis;
using RatIlgpu.Models;
using RatIlgpu.Testing;

namespace RatIlgpu.Properties;

/// <summary>A small random model, a prompt, and what is explained at one of its positions.</summary>
/// <param name="Model">The model and the length of the prompt.</param>
/// <param name="Back">How many positions from the last; beyond the first, the first.</param>
/// <param name="Answer">A token.</param>
/// <param name="Step">From the answer to the foil, 1 to 96.</param>
sealed record AttributionCase(ModelCase Model, int Back, int Answer, int Step)
{
    /// <summary>Gets arbitrary cases; smaller ones have a smaller model.</summary>
    public static Arbitrary<AttributionCase> Any { get; } = Law.Cases(
        from model in ModelCase.Any.Generator
        from back in Gen.Choose(0, 6)
        from answer in Gen.Choose(0, TinyQwen2.Small.VocabularySize - 1)
        from step in Gen.Choose(1, TinyQwen2.Small.VocabularySize - 1)
        select new AttributionCase(model, back, answer, step),
        found => found.Smaller());

    /// <summary>Gets the position that is explained.</summary>
    public int Position => int.Max(0, Model.Length - 1 - Back);

    /// <summary>Gets the token that the answer is compared with.</summary>
    public int Foil => (Answer + Step) % TinyQwen2.Small.VocabularySize;

    /// <summary>Gets the prompt.</summary>
    public int[] Prompt
    {
        get
        {
            var random = new Random(Model.Seed);
            return [.. Enumerable.Range(0, Model.Length).Select(_ => random.Next(TinyQwen2.Small.VocabularySize))];
        }
    }

    /// <summary>Explains by how much the answer exceeds the foil.</summary>
    public LogitAttribution Explain(
        Qwen2Model model,
        Recording run,
        AttributionUnit unit,
        ValueBiasTreatment bias = ValueBiasTreatment.InHeads) => new LogitAttributor(model).Attribute(
            run, new(Answer, Foil), Position, new() { Unit = unit, ValueBias = bias });

    IEnumerable<AttributionCase> Smaller() =>
        ModelCase.Any.Shrinker(Model).Select(model => this with { Model = model })
            .Concat(Back > 0 ? [this with { Back = 0 }] : []);
}
