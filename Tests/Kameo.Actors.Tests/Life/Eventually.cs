namespace Kameo.Actors.Tests.Life;

/// <summary>Waits for a condition that has no event of its own.</summary>
internal static class Eventually
{
    /// <summary>Looks until the condition holds; fails when it does not within 20 s.</summary>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(condition, () => what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    /// <param name="condition">What is to hold.</param>
    /// <param name="what">Says what was waited for, as it stands at the end.</param>
    public static async Task TrueAsync(Func<bool> condition, Func<string> what)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - start >= 20_000)
            {
                Assert.Fail($"waited 20 s for {what()}");
            }

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
