"""What scaling costs and how long callers wait: Knative's autoscaler, activator and pods, played through on paper."""
