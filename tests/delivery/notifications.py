"""Lets the test's S3 tell of uploads as Amazon's does: bucket → SNS topic → POST to an HTTP subscriber.

What moto does otherwise than Amazon: it posts while the uploader still waits for the answer to his PUT, once, whatever
comes back; sends no SubscriptionConfirmation; tells no versionId and no sequencer; signs with a key of its own, so
OCR_SNS_VERIFY must be false.
"""

from __future__ import annotations

from tests.s3_server import S3Server


def subscribe(s3: S3Server, bucket: str, url: str, *, prefix: str = "") -> None:
    """From now on every upload below the prefix is posted to the address; a test message comes at once."""
    sns = s3.client("sns")
    try:
        topic = sns.create_topic(Name=f"uploads-to-{bucket}")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
    finally:
        sns.close()
    rules = [{"Name": "prefix", "Value": prefix}]
    wanted = {"TopicArn": topic, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": rules}}}
    s3.s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"TopicConfigurations": [wanted]}
    )
