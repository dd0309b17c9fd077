namespace RatIlgpu.Html;

/// <summary>Writes the body of a page of attention.</summary>
sealed class AttentionMarkup(AttentionPlan plan, AttentionPageOptions options, string title)
{
    /// <summary>Gets the scripts of the page, in the order in which they run.</summary>
    public static ImmutableArray<string> Scripts => ["attention-data.js"];

    /// <summary>Gets the styles of the page.</summary>
    public static ImmutableArray<string> Styles => [];

    public void Write(HtmlWriter html)
    {
        html.Write($"<header><h1>{title}</h1></header>\n<main><p>{plan.Prompts.Length} prompts, ");
        html.Write($"{plan.Heads.Length} heads, {options.Mode.ToString()}</main>\n");
    }
}
