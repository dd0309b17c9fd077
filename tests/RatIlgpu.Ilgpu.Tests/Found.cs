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

    /// <summary>Opens the first usable OpenCL device with the kernels of GPUs, also where it is a processor; skips the
    /// test if there is none.</summary>
    public static Device OpenClGroups()
    {
        var found = Accelerators.OpenCl.FirstOrDefault(device => Accelerators.WhyUnusable(device) is null);
        Assert.SkipWhen(found is null, Accelerators.OpenClMissing);
        return Accelerators.Open("opencl", found.Name, context => new GroupedDevice<SharedReduction>(
            "opencl", found.Name, found.CreateAccelerator(context), TensorCores.Unused));
    }
}
