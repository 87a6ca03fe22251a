using Kameo.Actors.Transport.Streams;

namespace Kameo.Actors.Transport.Tests.Streams;

/// <summary>How much of a stream may be under way beside messages, on ways that are told to it. Ticks are microseconds.</summary>
public sealed class StreamPaceTests
{
    private const long Least = 48 * 1024;
    private const long Window = 256 * 1024;
    private const long Second = 1_000_000;

    private long _now;

    [Fact]
    public void Without_a_message_it_sets_no_bound()
    {
        StreamPace pace = New();
        Assert.Equal(long.MaxValue, pace.BytesMax);
        pace.OnPut(16_384, isBehindMessage: false);
        Assert.Equal(long.MaxValue, pace.BytesMax);
    }

    [Fact]
    public void A_message_is_near_until_a_mebibyte_of_chunks_went_without_one()
    {
        StreamPace pace = New();
        for (int round = 0; round < 2; round++)
        {
            pace.OnPut(16_384, isBehindMessage: true);
            for (int bytes = 0; bytes < StreamPace.NearBytes; bytes += 16_384)
            {
                Assert.Equal(Least, pace.BytesMax);
                pace.OnPut(16_384, isBehindMessage: false);
            }

            Assert.Equal(long.MaxValue, pace.BytesMax);
        }
    }

    [Fact]
    public void On_a_short_way_where_more_bytes_only_queue_the_least_may_be_under_way()
    {
        StreamPace pace = New(isNear: true);
        Turn(pace, 16_384, 30);
        for (int turn = 0; turn < 100; turn++)
        {
            long bytes = Math.Min(pace.BytesMax, Window);
            Turn(pace, bytes, 20 + (bytes / 1_000)); // A gigabyte a second.
            Assert.InRange(pace.BytesMax, Least, Least * 4 / 3);
        }
    }

    [Fact]
    public void On_a_long_way_a_whole_window_may_be()
    {
        StreamPace pace = New(isNear: true);
        for (int turn = 0; turn < 10; turn++)
        {
            Turn(pace, Math.Min(pace.BytesMax, Window), 50_000);
        }

        Assert.True(pace.BytesMax >= Window, $"{pace.BytesMax}");
    }

    [Fact]
    public void What_was_under_way_without_messages_says_at_once_what_may_be_with_them()
    {
        StreamPace pace = New();
        Turn(pace, 16_384, 40);
        Turn(pace, Window, 256 + 40);
        pace.OnPut(16_384, isBehindMessage: true);
        Assert.InRange(pace.BytesMax, Least, Least);

        Turn(pace, Window, 50);
        Assert.True(pace.BytesMax >= Window, $"{pace.BytesMax}");
    }

    [Fact]
    public void A_queue_that_stood_from_the_beginning_is_not_taken_for_the_way()
    {
        StreamPace pace = New(isNear: true);
        Turn(pace, Window, 300);
        Assert.Equal(Least, pace.BytesMax);
        Turn(pace, Least, 60);
        Turn(pace, Window, 300);
        Assert.InRange(pace.BytesMax, Least, 2 * Least);
    }

    [Fact]
    public void Where_only_full_turns_were_seen_for_long_the_way_is_looked_at_again()
    {
        StreamPace pace = New(isNear: true);
        int dips = 0;
        for (int turn = 0; turn < 1_200; turn++)
        {
            Turn(pace, Math.Min(pace.BytesMax, Window), 50_000);
            dips += turn > 20 && pace.BytesMax == Least ? 1 : 0;
        }

        Assert.InRange(dips, 1, 6); // In a minute.
    }

    [Fact]
    public void A_turn_of_little_says_nothing_of_how_much_the_way_holds()
    {
        StreamPace pace = New(isNear: true);
        for (int turn = 0; turn < 10; turn++)
        {
            Turn(pace, Math.Min(pace.BytesMax, Window), 50_000);
        }

        long before = pace.BytesMax;
        Turn(pace, 1_000, 51_000); // The source had no more.
        Assert.Equal(before, pace.BytesMax);
    }

    [Fact]
    public void A_way_that_became_longer_is_known_after_twenty_seconds()
    {
        StreamPace pace = New(isNear: true);
        Turn(pace, 16_384, 50);
        for (int turn = 0; turn < 150; turn++)
        {
            Turn(pace, Math.Min(pace.BytesMax, Window), 50_000);
            Assert.Equal(Least, pace.BytesMax); // For all it knows the rest is a queue.
        }

        for (int turn = 0; turn < 260; turn++)
        {
            Turn(pace, Math.Min(pace.BytesMax, Window), 50_000);
        }

        Assert.True(pace.BytesMax >= Window, $"{pace.BytesMax}");
    }

    private static StreamPace New(bool isNear = false)
    {
        var pace = new StreamPace(Least, Second);
        if (isNear)
        {
            pace.OnPut(16_384, isBehindMessage: true);
        }

        return pace;
    }

    private void Turn(StreamPace pace, long bytes, long microseconds)
    {
        long began = _now;
        _now += microseconds;
        pace.OnTurn(bytes, began, _now);
    }
}
