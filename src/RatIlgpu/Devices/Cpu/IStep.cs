namespace RatIlgpu.Devices;

/// <summary>What a loop does at one place, whatever number of lanes it is given.</summary>
interface IStep
{
    void At<T>(nint i)
        where T : struct, ILanes<T>;
}
