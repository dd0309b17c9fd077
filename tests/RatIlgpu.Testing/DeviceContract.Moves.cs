using RatIlgpu.Tensors;

namespace RatIlgpu.Testing;

public abstract partial class DeviceContract
{
    [Fact]
    public void Downloads_what_was_uploaded() => EachLength(length =>
    {
        var numbers = Numbers(length, length);
        Assert.Equal(numbers, Compute(on => on.Read(on.Put(numbers, length))));
    });

    [Fact]
    public void Copies_every_number() => EachLength(length =>
    {
        var numbers = Numbers(length, length);
        Assert.Equal(numbers, Compute(on =>
        {
            var copy = on.Allocate(length);
            on.Device.Copy(on.Put(numbers, length), copy);
            return on.Read(copy);
        }));
    });

    [Fact]
    public void Fills_every_number() => EachLength(length =>
        Assert.All(
            Compute(on =>
            {
                var filled = on.Allocate(length);
                on.Device.Fill(2.5f, filled);
                return on.Read(filled);
            }),
            number => Assert.Equal(2.5f, number)));

    [Fact]
    public void A_view_of_rows_shares_the_numbers() => Assert.Equal([1, 2, 9, 9, 5, 6], Compute(on =>
    {
        var whole = on.Put([1, 2, 3, 4, 5, 6], 3, 2);
        on.Device.Fill(9, whole.Slice(1, 1));
        return on.Read(whole);
    }));

    [Fact]
    public void A_view_under_another_shape_keeps_the_order() => Assert.Equal([3, 4], Compute(on =>
    {
        var copy = on.Allocate(1, 1, 2);
        on.Device.Copy(on.Put([1, 2, 3, 4, 5, 6], 2, 3).Reshape(3, 2).Slice(1, 1).Reshape(1, 1, 2), copy);
        return on.Read(copy);
    }));

    [Fact]
    public void A_view_of_freed_numbers_is_refused()
    {
        var whole = Device.Allocate(3, 2);
        var view = whole.Slice(1, 1).Reshape(2, 1);
        whole.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Device.Fill(1, view));
        Assert.Throws<ObjectDisposedException>(() => Device.Download(view));
    }

    [Fact]
    public void Has_a_name_and_says_what_it_is()
    {
        Assert.NotEmpty(Device.Name);
        Assert.NotEmpty(Device.Description);
    }

    [Fact]
    public void Loads_no_F64_weights()
    {
        using var weights = HostTensor.Allocate(new Shape(1), DataType.F64);
        Says("Load: the source is F64, expected F32, F16 or BF16.", () => Device.Load(weights));
    }

    void EachLength(Action<int> check)
    {
        foreach (var length in Lengths)
            check(length);
    }
}
