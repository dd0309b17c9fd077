using RatIlgpu.Devices;

namespace RatIlgpu.Html;

/// <summary>Writes the controls that choose among the traces of a page. A control is there only if there is a
/// choice.</summary>
static class Pickers
{
    /// <summary>Writes them.</summary>
    /// <param name="html">The page.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="layer">The layer that the page opens at.</param>
    /// <param name="heads">The heads that it opens at.</param>
    public static void Write(
        HtmlWriter html, IReadOnlyList<PromptPlan> prompts, int layer, HeadAggregation heads)
    {
        if (prompts.Count > 1)
            WritePrompts(html, prompts);
        if (prompts.Any(prompt => prompt.Targets.Length > 1))
            // The script lists the targets of the prompt that is shown.
            html.Write($"""
                <label>Target <select id="target"></select></label>

                """);
        if (prompts.Any(prompt => prompt.Layers.Length > 1))
            WriteSlider(html, "layer", "Layer", prompts[0].Layers.Length, prompts[0].Layers.Length - 1,
                layer.ToString(CultureInfo.InvariantCulture));
        if (prompts.Any(prompt => prompt.Heads.Length > 1))
            WriteSlider(html, "heads", "Head", prompts[0].Heads.Length, 0, heads.ToString());
    }

    /// <summary>Returns the keys of these controls, for the help.</summary>
    public static IEnumerable<(string[] Keys, string Action)> KeysOf(IReadOnlyList<PromptPlan> prompts)
    {
        if (prompts.Any(prompt => prompt.Layers.Length > 1))
            yield return ([",", "."], "previous or next layer");
        if (prompts.Any(prompt => prompt.Heads.Length > 1))
            yield return (["<", ">"], "previous or next head");
        if (prompts.Any(prompt => prompt.Targets.Length > 1))
            yield return (["(", ")"], "previous or next target");
        if (prompts.Count > 1)
            yield return (["{", "}"], "previous or next prompt");
    }

    static void WritePrompts(HtmlWriter html, IReadOnlyList<PromptPlan> prompts)
    {
        html.Write($"""<label class="prompt">Prompt <select id="prompt">""");
        foreach (var prompt in prompts)
            html.Write($"""<option value="{prompt.Number}">{prompt.Number}: {prompt.Label}""");
        html.Write($"</select></label>\n");
    }

    static void WriteSlider(HtmlWriter html, string id, string name, int count, int value, string shown) =>
        html.Write($"""
            <label>{name} <input id="{id}" type="range" min="0" max="{count - 1}" step="1" value="{value}"
            aria-valuetext="{name} {shown}"><output id="{id}-shown" for="{id}">{shown}</output></label>

            """);
}
