namespace RatIlgpu.Html.Tests.Attention;

public sealed class AttentionPageTests
{
    [Fact]
    public void The_plan_names_heads_prompts_and_weightings()
    {
        var page = AttentionPage.FromPatterns(["a", " b"], new float[,,] { { { 1, 0 }, { 0.25f, 0.75f } } });
        using var data = PageData.Of(page.Html);
        var plan = data.RootElement;
        Assert.Equal("Head 1", plan.GetProperty("heads")[0].GetProperty("name").GetString());
        var prompt = plan.GetProperty("prompts")[0];
        Assert.Equal("a b", prompt.GetProperty("label").GetString());
        Assert.True(prompt.GetProperty("causal").GetBoolean());
        Assert.Equal("exact", prompt.GetProperty("tier").GetString());
        Assert.Equal("standard", Assert.Single(plan.GetProperty("weights").EnumerateArray()).GetString());
    }
}
