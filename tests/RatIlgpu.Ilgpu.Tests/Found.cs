namespace RatIlgpu.Ilgpu.Tests;

/// <summary>The devices of this machine.</summary>
static class Found
{
    /// <summary>Opens the first usable device of a kind; skips the test with the reason if there is none.</summary>
    public static Device Open(string kind)
    {
        var candidates = IlgpuDevices.List().Where(accelerator => accelerator.Name.Split(':')[0] == kind).ToArray();
        if (candidates.FirstOrDefault(accelerator => accelerator.IsUsable) is { } usable)
            return IlgpuDevices.Open(usable.Name);
        Assert.Skip(candidates.Concat(IlgpuDevices.List()).First(accelerator => !accelerator.IsUsable).Description);
        return null!;
    }
}
