namespace Kameo.Actors.Transport.Tests;

/// <summary>The cheap look at the clock of leases never says that a moment is to come which is not.</summary>
public sealed class ClockGlanceTests
{
    private const long Coarse = 1_000_000_000;
    private const long Precise = 5_000_000_000;
    private const long Span = ClockGlance.Reach + ClockGlance.LagMax;

    [Theory]
    [InlineData(Precise + Span + 1, Coarse, true)]
    [InlineData(Precise + Span + 1, Coarse + ClockGlance.Reach, true)] // As much as may have passed.
    [InlineData(Precise + Span, Coarse, false)] // A lag would do.
    [InlineData(Precise + Span + 1, Coarse + ClockGlance.Reach + 1, false)] // Too long ago.
    [InlineData(Precise + Span + 1, Coarse - 1, false)] // The wall clock was set back.
    [InlineData(long.MaxValue, Coarse + TimeSpan.TicksPerHour, false)] // The machine slept.
    [InlineData(long.MinValue, Coarse, false)] // A life that is over.
    [InlineData(Precise, Coarse, false)]
    public void A_moment_is_to_come_if_it_is_later_than_all_that_may_have_passed(long moment, long coarse, bool isBefore)
    {
        var glance = default(ClockGlance);
        glance.Keep(Coarse, Precise);
        Assert.Equal(isBefore, glance.IsBefore(moment, coarse));
    }

    [Fact]
    public void A_thread_that_has_not_read_the_clock_knows_nothing() => Assert.False(default(ClockGlance).IsBefore(long.MaxValue, Coarse));

    [Fact]
    public void A_coarse_clock_that_stands_still_answers_256_times_and_then_the_precise_one_is_read()
    {
        var glance = default(ClockGlance);
        for (int reading = 0; reading < 2; reading++)
        {
            glance.Keep(Coarse, Precise);
            for (int answer = 0; answer < 256; answer++)
            {
                Assert.True(glance.IsBefore(Precise + Span + 1, Coarse), $"answer {answer} of reading {reading}");
            }

            Assert.False(glance.IsBefore(Precise + Span + 1, Coarse));
            Assert.False(glance.IsBefore(Precise + Span + 1, Coarse));
        }
    }

    [Fact]
    public void The_clock_says_the_same_as_its_ticks_until_a_moment_passes_and_after_it()
    {
        var clock = new SleepClock(TimeProvider.System);
        long end = clock.Ticks + Span + TimeSpan.TicksPerSecond;
        long looks = 0;
        for (bool isBefore = true; isBefore; looks++)
        {
            long earlier = clock.Ticks;
            isBefore = clock.IsBefore(end);
            long later = clock.Ticks;
            Assert.True(isBefore ? earlier < end : later >= end);
        }

        Assert.True(looks > 1);
        Assert.False(clock.IsBefore(end));
        Assert.False(clock.IsBefore(long.MinValue));
    }

    [Fact]
    public void Another_thread_begins_with_a_reading_of_its_own()
    {
        var clock = new SleepClock(TimeProvider.System);
        Assert.True(clock.IsBefore(clock.Ticks + (10 * Span)));
        bool isBefore = true;
        var other = new Thread(() => isBefore = clock.IsBefore(clock.Ticks - 1));
        other.Start();
        other.Join();
        Assert.False(isBefore);
    }
}
