namespace Kameo.Actors.Tests.Life;

/// <summary>Waits for a condition that has no event of its own.</summary>
internal static class Eventually
{
    /// <summary>Looks until the condition holds; fails when it does not within 20 s.</summary>
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 - start < 20_000, $"waited 20 s for {what}");
            await Task.Yield();
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        long start = Environment.TickCount64;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 - start < 20_000, $"waited 20 s for {what}");
            await Task.Yield();
        }
    }
}
