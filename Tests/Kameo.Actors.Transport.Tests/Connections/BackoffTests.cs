using Kameo.Actors.Transport.Connections;

namespace Kameo.Actors.Transport.Tests.Connections;

public sealed class BackoffTests
{
    [Fact]
    public void Waits_double_up_to_the_longest_with_jitter_and_begin_anew_after_a_success()
    {
        var random = new Random(1);
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        for (int round = 0; round < 2; round++)
        {
            double most = 100;
            for (int failure = 0; failure < 100; failure++)
            {
                Assert.InRange(backoff.Next(random).TotalMilliseconds, most / 2, most);
                most = Math.Min(most * 2, 5_000);
            }

            backoff.Reset();
        }
    }
}
